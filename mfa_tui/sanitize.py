"""Makes text from outside safe to show.

A terminal obeys what it is sent: an escape in a server's string can write the clipboard or the title, a
bidirectional control can reorder what is read (CVE-2021-42574), a zero-width character can hide. So every
string is cleaned once, when it is decoded, before any other code sees it.
"""

import re
import unicodedata
from typing import Any

MAX_LENGTH = 16_384
"""The longest string, in characters: long enough for a token; all text that is shown is shorter."""

MAX_DEPTH = 32
"""The deepest nesting of JSON: the protocol's own messages need six levels."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001bca0-\U0001bca3"
    "\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols without a shape: those with the property Default_Ignorable_Code_Point, and the Braille
pattern without dots. Source: DerivedCoreProperties.txt of Unicode 15.1."""

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, max_length: int = MAX_LENGTH) -> str:
    """Return `text` without characters that a terminal would obey or a reader could not see.

    Controls (C0 but newline, DEL, C1), format characters (bidirectional, zero-width), letters and marks without a
    shape, surrogates, private and unassigned characters and line separators are dropped; the rest is cut at
    `max_length` characters.
    """
    if text.isascii() and text.isprintable():
        return text[:max_length]
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in _DROPPED_CATEGORIES)
    return _INVISIBLE.sub("", "".join(kept))[:max_length]


def clean_tree(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON, before it has a type
    """Return decoded JSON with every string in it cleaned, including names.

    Raises:
        ValueError: The tree nests deeper than `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        msg = "nested too deep"
        raise ValueError(msg)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_tree(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean_tree(item, depth + 1) for name, item in value.items()}
    return value


def strip_separators(typed: str) -> str:
    """Return a typed code without the spaces, dashes and underscores that group it."""
    return "".join(c for c in typed if not (c.isspace() or c == "_" or unicodedata.category(c) == "Pd"))


def one_line(text: str, max_length: int) -> str:
    """Return cleaned text as one line of at most `max_length` characters, with an ellipsis if it was cut."""
    line = " ".join(clean(text).split())
    return line if len(line) <= max_length else line[: max_length - 1] + "…"
