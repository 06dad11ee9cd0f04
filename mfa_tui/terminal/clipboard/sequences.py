"""What is sent to a terminal so that it fills its clipboard: OSC 52."""

from base64 import b64encode

PIECE = 240
"""Bytes in one piece for GNU screen, which throws a longer one away (MAXSTR is 256 in screen 4)."""


def osc52(text: str) -> str:
    """Return the sequence that puts `text` on the terminal's clipboard."""
    return f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"


def through_screen(sequence: str) -> str:
    """Return a sequence as GNU screen hands it on to the terminal around it: as device control strings, in pieces."""
    pieces = [sequence[at : at + PIECE] for at in range(0, len(sequence), PIECE)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
