"""Verifying that codes are saved: the user types the last characters of two of them from the saved copy.

The check uses the set in memory; it sends nothing and uses up nothing.
"""

from collections.abc import Mapping
from secrets import SystemRandom

import msgspec

from mfa_tui.redaction import Secret

QUESTIONS = 2
LENGTH = 4
"""Characters asked for: too many to guess, few enough to type."""

_BEGINNING = 5


class Question(msgspec.Struct, frozen=True):
    """Asks for the last characters of one code, by its number in the set."""

    number: int
    code: Secret

    @property
    def begins(self) -> str:
        """The first characters of the code, by which the user finds it in a copy without numbers."""
        return self.code.reveal()[:-LENGTH][:_BEGINNING]

    def is_answered_by(self, typed: str) -> bool:
        """Return whether these are its last characters, in any case, or the whole code."""
        answer = "".join(filter(str.isalnum, typed)).upper()
        return len(answer) >= LENGTH and self.code.reveal().upper().endswith(answer)


def questions(codes: Mapping[int, Secret], random: SystemRandom | None = None) -> list[Question]:
    """Return questions about codes picked at random, by their numbers; fewer if the set has fewer codes."""
    numbers = (random or SystemRandom()).sample(sorted(codes), min(QUESTIONS, len(codes)))
    return [Question(number, codes[number]) for number in sorted(numbers)]
