"""Numbers and lists as a person reads them."""

from collections.abc import Sequence
from typing import NamedTuple


class Message(NamedTuple):
    """Something to tell a person: what it comes to, without a full stop, and the rest as sentences."""

    heading: str
    rest: str

    def __str__(self) -> str:
        return f"{self.heading}. {self.rest}"


_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


def duration(seconds: int) -> str:
    """Return a duration in its largest unit of which it has two or more, rounded up."""
    for unit, length in _UNITS:
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {unit}s"
    return count(seconds, "second")


def count(number: int, noun: str) -> str:
    """Return how many there are of something whose plural takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(items: Sequence[str], joint: str = "and") -> str:
    """Return the items as a list in words: a, b and c."""
    return f"{', '.join(items[:-1])} {joint} {items[-1]}" if len(items) > 1 else "".join(items)


def sentence(words: str) -> str:
    """Return the words as a sentence, with a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
