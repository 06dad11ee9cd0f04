"""How long commands take from start to end, beside the import of httpx alone.

    python -m tests.bench.commands_start_up [RUNS]

Prints medians as ratios to `python -c 'import httpx'`, run in turns with them. The embedded service and its set are
there already. CPU time says more than time on a busy machine.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("mfa-tui"))
BASE = [sys.executable, "-c", "import httpx"]
COMMANDS = (["--version"], ["--help"], ["status", "--json"], ["codes", "--json"])


def taken(command: list[str], home: str) -> tuple[float, float]:
    """Return the time and the CPU time that a command takes, in seconds."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=os.environ | {"HOME": home}, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def run(runs: int) -> None:
    """Measure, and print the ratios."""
    commands = [BASE, *([COMMAND, *command] for command in COMMANDS)]
    with tempfile.TemporaryDirectory() as home:
        taken([COMMAND, "codes"], home)
        rows = [[taken(command, home) for command in commands] for _ in range(runs)]
    medians = [tuple(map(statistics.median, zip(*column, strict=True))) for column in zip(*rows, strict=True)]
    names = ["import httpx", *map(" ".join, COMMANDS)]
    print(f"{'':<16}{'time':>6}{'CPU':>6}{'ms':>6}")
    for name, (seconds, cpu) in zip(names, medians, strict=True):
        print(f"{name:<16}{seconds / medians[0][0]:>6.2f}{cpu / medians[0][1]:>6.2f}{seconds * 1000:>6.0f}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
