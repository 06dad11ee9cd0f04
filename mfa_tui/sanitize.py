"""Text from outside, made safe to show.

A terminal obeys what it is sent: an escape in a server's string can write the clipboard or the title, a
bidirectional control can reorder what is read (CVE-2021-42574), a zero-width character can hide. So every
string is cleaned once, where it is decoded, before anything else sees it.
"""

import unicodedata
from typing import Any

LONGEST = 16_384
"""The longest string kept, in characters: room for a token; anything that is shown is shorter."""

DEEPEST = 32
"""How deep a tree may nest: the wire's own shapes need six."""

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, longest: int = LONGEST) -> str:
    """Return `text` without what a terminal would obey or a reader could not see.

    Controls (C0 but newline, DEL, C1), format characters (bidirectional, zero-width), surrogates, private and
    unassigned characters and line separators are dropped; the rest is cut at `longest` characters.
    """
    if text.isascii() and text.isprintable():
        return text[:longest]
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in _DROPPED_CATEGORIES)
    return "".join(kept)[:longest]


def clean_tree(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON, before it has a type
    """Return decoded JSON with every string in it cleaned, names included.

    Raises:
        ValueError: The tree nests deeper than `DEEPEST`.
    """
    if depth > DEEPEST:
        msg = "nested too deep"
        raise ValueError(msg)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_tree(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean_tree(item, depth + 1) for name, item in value.items()}
    return value


def joined(typed: str) -> str:
    """Return a code as it was typed, without the spaces and dashes of any kind that people group it with."""
    return "".join(c for c in typed if not (c.isspace() or c == "_" or unicodedata.category(c) == "Pd"))


def one_line(text: str, longest: int) -> str:
    """Return cleaned text as one line of at most `longest` characters, with an ellipsis where it was cut."""
    line = " ".join(clean(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
