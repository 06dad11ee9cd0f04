"""How long the program takes to its first frame and to ten codes, beside the smallest textual app there is.

    python -m tests.bench.start_up [RUNS]

Prints medians as ratios to an app of one Static, run in turns with it on the same pseudo-terminal, and the bytes
that were sent to the terminal until the codes stood there. The first start makes the service and the set; the
later ones find them.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.program import Program

ONE_STATIC = """
from textual.app import App
from textual.widgets import Static
class Smallest(App[None]):
    def compose(self):
        yield Static("ready")
Smallest().run()
"""


def seconds_to(program: Program, *texts: str) -> list[float]:
    """Return how long each of the texts took to appear, in seconds from now."""
    start = time.perf_counter()
    taken = []
    for text in texts:
        program.wait_for(text)
        taken.append(time.perf_counter() - start)
    return taken


def run(runs: int) -> None:
    """Measure, and print the ratios."""
    command = str(Path(sys.executable).with_name("mfa-tui"))
    static, first_frame, codes, fresh, sent = [], [], [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as home:
            smallest = Program([sys.executable, "-c", ONE_STATIC])
            static += seconds_to(smallest, "ready")
            smallest.close()
            program = Program([command], environment={"HOME": home})
            fresh.append(seconds_to(program, "mfa-tui", "10 of 10 left")[1])
            program.close()
            program = Program([command], environment={"HOME": home})
            frame, shown = seconds_to(program, "mfa-tui", "10 of 10 left")
            first_frame.append(frame)
            codes.append(shown)
            sent.append(len(program.sent))
            program.close()
    base = statistics.median(static)
    print(f"one Static               1.00   ({base * 1000:.0f} ms)")
    print(f"first frame              {statistics.median(first_frame) / base:.2f}")
    print(f"ten codes                {statistics.median(codes) / base:.2f}")
    print(f"ten codes, first start   {statistics.median(fresh) / base:.2f}")
    print(f"bytes until the codes    {statistics.median(sent):.0f}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
