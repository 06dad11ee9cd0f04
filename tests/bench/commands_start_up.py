"""How long commands take from start to end, beside the import of httpx alone.

    python -m tests.bench.commands_start_up [RUNS]

Prints medians as ratios to `python -c 'import httpx'`, run in turns with them. The embedded service and its set are
there already.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("mfa-tui"))
BASE = [sys.executable, "-c", "import httpx"]
COMMANDS = (["--version"], ["--help"], ["status", "--json"], ["codes", "--json"])


def seconds(command: list[str], home: str) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, env=os.environ | {"HOME": home}, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def run(runs: int) -> None:
    """Measure, and print the ratios."""
    commands = [BASE, *([COMMAND, *command] for command in COMMANDS)]
    with tempfile.TemporaryDirectory() as home:
        seconds([COMMAND, "codes"], home)
        taken = [[seconds(command, home) for command in commands] for _ in range(runs)]
    medians = [statistics.median(column) for column in zip(*taken, strict=True)]
    print(f"import httpx      1.00   ({medians[0] * 1000:.0f} ms)")
    for command, median in zip(COMMANDS, medians[1:], strict=True):
        print(f"{' '.join(command):<17} {median / medians[0]:.2f}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
