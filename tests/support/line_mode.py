"""A conversation with the line mode, as somebody has it who only hears: in order, and never twice."""

import re

from tests.support.program import Program

CODE = re.compile(r"^(\d+)\. ([A-Z2-9]{5} [A-Z2-9]{5})$", re.MULTILINE)


class Conversation:
    """Hears what the program says, and answers its questions."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._heard = 0

    @property
    def said(self) -> str:
        """All that was said until now."""
        return self.program.sent.decode().replace("\r\n", "\n")

    def hear(self, text: str) -> str:
        """Wait until the text is said, after all that was heard before; return what was said up to its end."""
        self.program.wait_until(lambda: text in self.said[self._heard :], text)
        end = self.said.index(text, self._heard) + len(text)
        new, self._heard = self.said[self._heard : end], end
        return new

    def answer(self, typed: str = "") -> None:
        """Type a line."""
        self.program.press(typed, "enter")

    def choose(self, choice: str) -> None:
        """Choose what is offered under this name, by its number."""
        offered = self.hear(", and press Enter: ")
        found = re.findall(rf"^(\d+)\. {re.escape(choice)}\.$", offered, re.MULTILINE)
        assert found, f"{choice} is not offered:\n{offered}"
        self.answer(found[-1])

    def hear_codes(self) -> dict[int, str]:
        """Hear the ten codes, each under its number."""
        self.hear("These are the codes:\n")
        said = self.hear("\nWhat next?")
        return {int(number): code for number, code in CODE.findall(said)}

    def end(self) -> int:
        """Wait for the end, and see to it that there was no escape sequence in all that was said."""
        code = self.program.end()
        assert b"\x1b" not in self.program.sent
        assert not [byte for byte in self.program.sent if byte < 0x20 and byte not in b"\r\n"]
        return code
