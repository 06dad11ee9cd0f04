"""Formats numbers and lists as words, and holds messages for the user."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import NamedTuple


class Message(NamedTuple):
    """A message for the user: a heading without a full stop, and the rest as sentences."""

    heading: str
    rest: str

    def __str__(self) -> str:
        return f"{self.heading}. {self.rest}"


_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


def duration(seconds: int) -> str:
    """Return a duration in the largest unit of which it has at least two, rounded up."""
    for unit, length in _UNITS:
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {unit}s"
    return count(seconds, "second")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, with an s if the number is not one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(items: Sequence[str], conjunction: str = "and") -> str:
    """Return the items joined as words: a, b and c."""
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}" if len(items) > 1 else "".join(items)


def path_name(path: PurePath | str) -> str:
    """Return a path or another name of a place, in quotes and with escapes if a reader would mistake the plain name."""
    name = str(path)
    plain = name.isprintable() and name == " ".join(name.split())
    return name if plain else repr(name).replace("  ", r" \x20")


def sentence(words: str) -> str:
    """Return the words as a sentence, with a capital and a full stop, or an empty string if there are none."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def with_article(noun: str) -> str:
    """Return a noun with `a` or `an` before it."""
    return f"an {noun}" if noun[:1] in set("aeiou") else f"a {noun}"


def did_you_mean(typed: str, names: Iterable[str]) -> str:
    """Return a sentence that suggests the name which is most like the typed one; empty if none is like it."""
    import difflib  # noqa: PLC0415 - 1 ms of each start, and only a mistake needs it

    near = difflib.get_close_matches(typed, list(names), n=1)
    return f" Did you mean {near[0]}?" if near else ""
