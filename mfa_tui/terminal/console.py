"""Text to and from whoever runs the program, a line at a time: a person at a terminal, or a script.

Results go to stdout, all else to stderr.
"""

import contextlib
import getpass
import os
import sys
import textwrap
from typing import TextIO

from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.redaction import Secret

_LONGEST = 4096
"""The longest line that is read, in bytes: as long as a terminal's own."""

if sys.platform == "win32":
    _HUNG_UP: type[Exception] | tuple[type[Exception], ...] = OSError
else:
    import termios

    _HUNG_UP = (OSError, termios.error)


class NoTerminalError(MfaTuiError):
    """Whoever was to be asked or told is not there."""


class NoAnswerError(NoTerminalError):
    """Input ended."""

    def __init__(self) -> None:
        super().__init__(
            "Input ended before the answer came.",
            impact="Nothing more was sent, and no code is spent by it.",
            hint="Answer the prompt, or give the answer as a line on standard input.",
        )


class OutputLostError(NoTerminalError):
    """Standard output did not take the result."""

    def __init__(self) -> None:
        super().__init__(
            "The result could not be written to standard output.",
            impact="What was asked for is done all the same, and your codes are at the service.",
            hint="See mfa-tui status, and mfa-tui codes for the codes.",
        )


def is_interactive() -> bool:
    """Return whether somebody can be asked: whether stdin is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def say(text: str, *, prose: bool = False) -> None:
    """Write a line, or several, to stdout; `prose` is broken at spaces to the width of a terminal.

    Raises:
        OutputLostError: They could not be written: the disk is full, or whoever read them has gone.
    """
    try:
        _write(sys.stdout, f"{_wrapped(text, sys.stdout) if prose else text}\n")
    except OSError:
        raise OutputLostError from None


def note(text: str) -> None:
    """Write prose to stderr; where that cannot be written, nobody is there to be told."""
    with contextlib.suppress(OSError):
        _write(sys.stderr, f"{_wrapped(text, sys.stderr)}\n")


def ask(prompt: str) -> str:
    """Ask for a line, on the terminal; where stdin is none, take the next line of it without asking.

    Raises:
        NoAnswerError: Input ended.
    """
    if is_interactive():
        with contextlib.suppress(OSError):
            _write(sys.stderr, _wrapped(prompt, sys.stderr))
    try:
        raw = sys.stdin.buffer.readline(_LONGEST) if sys.stdin is not None else b""
    except OSError:
        raw = b""
    if not raw:
        raise NoAnswerError
    return raw.decode(errors="replace").strip()


def take_all(largest: int) -> bytes:
    """Return what comes on standard input until it ends, at most so many bytes.

    Raises:
        NoAnswerError: There is no standard input, or it cannot be read.
    """
    try:
        return sys.stdin.buffer.read(largest)
    except (OSError, AttributeError):  # the latter where the descriptor was closed before the program began
        raise NoAnswerError from None


def ask_secret(prompt: str) -> Secret:
    """Ask for a code, without showing it as it is typed; where stdin is no terminal, take the next line of it.

    Raises:
        NoAnswerError: Input ended.
        SystemExit: The terminal is gone.
    """
    if not is_interactive():
        return Secret(ask(prompt))
    try:
        return Secret(getpass.getpass(_wrapped(prompt, sys.stderr)))
    except UnicodeDecodeError:
        return Secret("\N{REPLACEMENT CHARACTER}")
    except EOFError:
        note("")
        raise NoAnswerError from None
    except _HUNG_UP:
        # The echo cannot be given back to a terminal that is gone. That hides the signal which said so.
        raise SystemExit(ExitCode.HANGUP) from None


def _wrapped(text: str, stream: TextIO | None) -> str:
    """Return the text with its lines broken at spaces to the width of the terminal; as it is where there is none."""
    try:
        width = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except (OSError, ValueError):
        width = 0
    if not width:
        return text
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False)
    return "\n".join(_broken(line, wrapper) for line in text.split("\n"))


def _broken(line: str, wrapper: textwrap.TextWrapper) -> str:
    kept = line.rstrip()  # a prompt's space at the end stays
    return f"{wrapper.fill(kept)}{line[len(kept) :]}" if len(kept) > wrapper.width else line


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # the descriptor was closed before the program began
        raise OSError
    # A terminal or a file of another encoding than UTF-8 may lack a character; a mark in its place is better
    # than nothing at all.
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
