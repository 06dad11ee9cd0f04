"""Records the README's tour from the running program, and renders it as an animated SVG.

    python -m tests.bench.tour FILE.svg

Views the codes of a new user, replaces them, and verifies with two answers that the new ones are saved. The recording
is an asciicast (version 2); svg-term-cli, which npx fetches, renders it.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.program import Program

SIZE = (80, 24)
CODE = re.compile(r"(\d+)\s+([A-Z2-9]{5}) ([A-Z2-9]{5})")


class Recording:
    """The output of a program, with the time of each piece, in seconds."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.events: list[tuple[float, str, str]] = []
        self._start = time.monotonic()
        self._recorded = 0

    def watch(self, seconds: float) -> None:
        """Record the output for a time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.program.child.isalive():
            self.program.read(0.02)
            piece = self.program.sent[self._recorded :]
            if piece:
                self._recorded += len(piece)
                self.events.append((time.monotonic() - self._start, "o", piece.decode()))

    def watch_for(self, text: str, seconds: float) -> None:
        """Record until the text is on the screen, and for a time after that."""
        while text not in self.program.text:
            self.watch(0.05)
        self.watch(seconds)

    def press(self, keys: str) -> None:
        """Press keys, as a user types them."""
        for key in keys:
            self.program.press(key)
            self.watch(0.15)

    def write(self, file: Path) -> None:
        """Write the asciicast."""
        columns, lines = SIZE
        header = {"version": 2, "width": columns, "height": lines, "title": "mfa-tui"}
        file.write_text("\n".join(map(json.dumps, [header, *self.events])) + "\n")


def answer(program: Program, codes: dict[str, str]) -> str:
    """Return the characters that the verification asks for."""
    asked = re.search(r"last (\d) characters of code (\d+)", program.text)
    assert asked, program.text
    return codes[asked[2]][-int(asked[1]) :]


def record(file: Path) -> None:
    """Drive the program through the tour, and write the asciicast."""
    with tempfile.TemporaryDirectory() as home:
        program = Program([str(Path(sys.executable).with_name("mfa-tui"))], SIZE, {"HOME": home})
        recording = Recording(program)
        recording.watch_for("10 of 10 left", 2)
        recording.press("R")
        recording.watch_for("Replace all recovery codes?", 2.5)
        recording.press("y")
        recording.watch_for("10 of 10 left", 2.5)
        codes = {number: first + second for number, first, second in CODE.findall(program.text)}
        recording.press("v")
        for step in ("1 of 2", "2 of 2"):
            recording.watch_for(step, 1.5)
            recording.press(answer(program, codes))
            recording.press("\r")
        recording.watch_for("left", 3)
        recording.write(file)
        program.quit()


def main() -> None:
    """Record, render, and say how large the picture is."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        cast = Path(folder) / "tour.cast"
        record(cast)
        command = ["npx", "--yes", "svg-term-cli", "--window", "--in", str(cast), "--out", str(target)]
        subprocess.run(command, check=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
