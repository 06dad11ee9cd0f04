"""A child process for pyperclip: `python -m mfa_tui.terminal.clipboard.desktop copy|clear`, with the text on stdin.

pyperclip blocks, lets its tools write over the screen and ignores their exit status, so that a failing xclip looks
like success. A child process can be stopped, its stderr is discarded, and it reads the text back. The clipboard's
text stays in this process and is never written to its output.
"""

import sys

import pyperclip

from mfa_tui.terminal.clipboard.backends import DesktopResult


def copy(text: str) -> DesktopResult:
    """Put the text on the clipboard, and read it back."""
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
