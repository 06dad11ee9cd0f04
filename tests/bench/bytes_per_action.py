"""Prints how many bytes each action sends to the terminal, beside what is aimed at: a slow link pays for each.

python -m tests.bench.bytes_per_action [COLUMNSxLINES]
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.program import Program

IDLE = 60.0
"""Seconds that an idle minute is watched for."""

QUIET = 0.4
"""Seconds without a byte after which an action has been drawn."""


class Meter:
    """Counts what a program sends."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def __call__(self, action: Callable[[], object], quiet: float = QUIET) -> int:
        """Return how many bytes an action sends until nothing more comes."""
        self.settle()
        before = len(self.program.sent)
        action()
        self.settle(quiet)
        return len(self.program.sent) - before

    def settle(self, quiet: float = QUIET) -> None:
        """Wait until nothing has come for a while."""
        last = time.monotonic()
        seen = len(self.program.sent)
        while time.monotonic() - last < quiet:
            self.program.read()
            if len(self.program.sent) != seen:
                seen, last = len(self.program.sent), time.monotonic()


def measure(size: tuple[int, int], home: Path) -> None:
    """Print the figures."""
    command = str(Path(sys.executable).with_name("mfa-tui"))
    environment = {"HOME": str(home), "LANG": "C.UTF-8", "SSH_TTY": "/dev/pts/0"}
    program = Program([command, "--hide-after", "0"], size, environment)
    meter = Meter(program)

    def press(*keys: str, until: str = "") -> int:
        def act() -> None:
            program.press(*keys)
            program.wait_for(until)

        return meter(act)

    def tell(action: str, sent: int, aim: str = "") -> None:
        print(f"{action:<44}{sent:>8}  {aim}")

    program.wait_for("Not confirmed yet")
    meter.settle()
    tell("start to the codes", len(program.sent), "12000")
    tell("arrow down", press("down"), "150")
    tell("arrow right", press("right"), "150")

    opened = press("R", until="Replace all")
    switched = press("right")
    closed = press("escape", until="remain valid")
    tell("confirmation: open", opened)
    tell("confirmation: to the other choice", switched)
    tell("confirmation: close", closed)
    tell("confirmation: open and close", opened + closed, "12000")
    tell("copy one", press("c", until="Sent code"))
    tell("copy all", press("C", until="Sent 10"))
    tell("45 s of a clipboard being counted down", meter(lambda: meter.settle(6.0)))
    tell("hide", press("h"))
    tell("show", press("h"))
    tell("window loses focus", press("\x1b[O"))
    tell("a key shows the codes again", press("x"))

    codes = {int(number): code for number, code in re.findall(r"(\d+)  ([A-Z2-9]{5} [A-Z2-9]{5})", program.text)}
    program.press("v")
    for step in ("1 of 2", "2 of 2"):
        screen = program.wait_for("characters of code", step)
        asked = re.search(r"of code (\d+)", screen)
        if asked is not None:
            program.press(codes[int(asked[1])][-4:], "enter")
    program.wait_for("Confirmed")
    tell(f"{IDLE:.0f} s idle: codes", meter(lambda: None, IDLE - 5), "0")
    program.press("q")
    program.end()

    challenge = Program([command, "challenge"], size, environment)
    meter = Meter(challenge)
    challenge.wait_for("needs a second factor")
    meter.settle()
    for number, key in enumerate("ABCDEFGHJK", start=1):
        tell(f"challenge: key {number}", meter(lambda key=key: challenge.press(key)), "300")  # type: ignore[misc]
    tell("challenge: backspace", meter(lambda: challenge.press("\x7f")), "300")
    tell(f"{IDLE:.0f} s idle: challenge", meter(lambda: None, IDLE - 5), "0")
    challenge.close()


if __name__ == "__main__":
    columns, lines = map(int, (sys.argv[1:] or ["80x24"])[0].split("x"))
    with tempfile.TemporaryDirectory() as folder:
        measure((columns, lines), Path(folder))
