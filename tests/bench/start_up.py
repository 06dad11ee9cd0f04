"""How long the program takes to its first frame and to ten codes, beside the smallest textual app there is.

    python -m tests.bench.start_up [RUNS]

Prints medians as ratios to an app of one Static, run in turns with it on the same pseudo-terminal, for the built-in
service and for one over HTTP; the memory when the codes stand there, and the bytes that were sent until then. The first
start makes the service and the set; the later ones find them. CPU time says more than time on a busy machine.

Linux only: it reads the times and the memory from /proc.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.bench.slow_link import SlowLink
from tests.support.program import Program
from tests.support.server import Served, served

COMMAND = str(Path(sys.executable).with_name("mfa-tui"))
CODES = "10 of 10 left"
ROUND_TRIPS = (0.0, 0.05, 0.2)
"""In seconds."""

ONE_STATIC = """
from textual.app import App
from textual.widgets import Static
class Smallest(App[None]):
    def compose(self):
        yield Static("ready")
Smallest().run()
"""


class Reached(NamedTuple):
    """How long a program took until a text was on the screen, and what it had used by then."""

    seconds: float
    cpu: float
    """CPU time, in seconds."""
    memory: float
    """Resident memory, in MB."""
    sent: float
    """Bytes."""


def start(command: list[str], home: str, *texts: str) -> list[Reached]:
    """Start a program, and return when it reached each of the texts."""
    began = time.perf_counter()
    program = Program(command, environment={"HOME": home})
    reached = []
    for text in texts:
        program.wait_for(text)
        seconds = time.perf_counter() - began
        process = Path(f"/proc/{program.child.pid}")
        cpu = sum(int((task / "schedstat").read_text().split()[0]) for task in (process / "task").iterdir()) / 1e9
        memory = int((process / "status").read_text().partition("VmRSS:")[2].split()[0]) * 1024 / 1e6
        reached.append(Reached(seconds, cpu, memory, len(program.sent)))
    program.close()
    return reached


def log_in(server: Served, link: SlowLink, home: str) -> None:
    """Sign in to a service over the link, as the profile `slow`, and make its codes."""
    address = urlsplit(server.api_url)._replace(netloc=f"127.0.0.1:{link.port}")
    options = ["--profile", "slow", "--api-url", address.geturl(), "--environment-id", server.environment_id]
    command = [COMMAND, *options, "login", "--email", "slow@example.org"]
    with subprocess.Popen(
        command, env=os.environ | {"HOME": home}, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        process.communicate(f"{server.next_code()}\n")
    start([COMMAND, "--profile", "slow"], home, CODES)


@contextmanager
def slow_profile(home: str) -> Iterator[SlowLink]:
    """Serve the service over HTTP on a slow link, as the profile `slow`."""
    with served(Path(home) / "served") as server:
        link = SlowLink(urlsplit(server.api_url).port or 80)
        with link.open():
            log_in(server, link, home)
            yield link


def measure(home: str, link: SlowLink) -> dict[str, Reached]:
    """Start everything once."""
    static = [sys.executable, "-c", ONE_STATIC]
    taken = {"one Static": start(static, home, "ready")[0]}
    with tempfile.TemporaryDirectory() as new_home:
        taken["ten codes, first start"] = start([COMMAND], new_home, CODES)[0]
    taken["first frame"], taken["ten codes"] = start([COMMAND], home, "mfa-tui", CODES)
    for link.delay in ROUND_TRIPS:
        name = f"over HTTP, {link.delay * 1000:.0f} ms a round trip"
        taken[name] = start([COMMAND, "--profile", "slow"], home, CODES)[0]
    return taken


def median(runs: list[Reached]) -> Reached:
    """Return the median of each value."""
    return Reached(*map(statistics.median, zip(*runs, strict=True)))


def run(runs: int) -> None:
    """Measure, and print the ratios."""
    with tempfile.TemporaryDirectory() as home, slow_profile(home) as link:
        start([COMMAND], home, CODES)
        rows = [measure(home, link) for _ in range(runs)]
    medians = {name: median([row[name] for row in rows]) for name in rows[0]}
    base, codes = medians["one Static"], medians["ten codes"]
    print(f"{'':<32}{'time':>6}{'CPU':>6}{'ms':>7}{'CPU ms':>8}")
    for name, reached in medians.items():
        ratios = f"{reached.seconds / base.seconds:>6.2f}{reached.cpu / base.cpu:>6.2f}"
        print(f"{name:<32}{ratios}{reached.seconds * 1000:>7.0f}{reached.cpu * 1000:>8.0f}")
    print(f"memory at the codes {codes.memory / base.memory:.2f} ({base.memory:.0f} and {codes.memory:.0f} MB)")
    print(f"bytes until the codes {codes.sent:.0f}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
