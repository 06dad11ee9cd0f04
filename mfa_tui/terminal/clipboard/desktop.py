"""A process of its own for pyperclip: `python -m mfa_tui.terminal.clipboard.desktop copy|clear`, text on stdin.

pyperclip blocks, lets its tools write over the screen and ignores their exit status, so that a failing xclip
looks like success. Here it can be stopped, its stderr leads nowhere, and what it did is read back. The
clipboard's text stays in this process: nothing of it is written anywhere.
"""

import sys
from enum import IntEnum

import pyperclip


class DesktopResult(IntEnum):
    """How it went: the exit status."""

    DONE = 0
    FAILED = 1
    """Also what Python itself exits with on an exception."""
    CHANGED = 3
    """The clipboard holds something else by now; it was left alone."""


def copy(text: str) -> DesktopResult:
    """Put the text on the clipboard, and look whether it is there."""
    pyperclip.copy(text)
    return DesktopResult.DONE if _holds(text) else DesktopResult.FAILED


def clear(text: str) -> DesktopResult:
    """Empty the clipboard, if it still holds the text."""
    if not _holds(text):
        return DesktopResult.CHANGED
    pyperclip.copy("")
    return DesktopResult.FAILED if _holds(text) else DesktopResult.DONE


def _holds(text: str) -> bool:
    return str(pyperclip.paste()).splitlines() == text.splitlines()


if __name__ == "__main__":
    sys.exit({"copy": copy, "clear": clear}[sys.argv[1]](sys.stdin.read()))
