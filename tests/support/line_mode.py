"""Runs the line mode and reads its output in order, as a screen reader reads it."""

import re

from tests.support.program import Program

CODE = re.compile(r"^(\d+)\. ([A-Z2-9]{5} [A-Z2-9]{5})$", re.MULTILINE)


class LineModeSession:
    """Reads the output of the line mode, each part once, and answers its questions."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._read = 0

    @property
    def output(self) -> str:
        """The whole output so far."""
        return self.program.sent.decode().replace("\r\n", "\n")

    def read_until(self, text: str) -> str:
        """Wait for the text after the part that was read before, and return the output up to its end."""
        self.program.wait_until(lambda: text in self.output[self._read :], text)
        end = self.output.index(text, self._read) + len(text)
        new, self._read = self.output[self._read : end], end
        return new

    def answer(self, typed: str = "") -> None:
        """Type a line."""
        self.program.press(typed, "enter")

    def choose(self, choice: str) -> None:
        """Choose the item with this name by its number."""
        offered = self.read_until(", and press Enter: ")
        found = re.findall(rf"^(\d+)\. {re.escape(choice)}[.?]?$", offered, re.MULTILINE)
        assert found, f"{choice} is not offered:\n{offered}"
        self.answer(found[-1])

    def read_codes(self) -> dict[int, str]:
        """Return the ten codes that are printed next, by their numbers."""
        self.read_until("These are the codes:\n")
        output = self.read_until("\nWhat next?")
        return {int(number): code for number, code in CODE.findall(output)}

    def end(self) -> int:
        """Wait for the end, check that the output has no control characters, and return the exit code."""
        code = self.program.end()
        assert b"\x1b" not in self.program.sent
        assert not [byte for byte in self.program.sent if byte < 0x20 and byte not in b"\r\n"]
        return code
