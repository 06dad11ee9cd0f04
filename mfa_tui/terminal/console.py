"""Input and output of a user at a terminal, or of a script, line by line.

Results go to stdout, all other text to stderr.
"""

import contextlib
import getpass
import os
import re
import sys
import textwrap
from collections.abc import Iterable
from typing import TextIO

from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.redaction import Secret

_MAX_LINE_BYTES = 4096
"""The longest line that is read, as in a terminal's own line editor."""

if sys.platform == "win32":
    _HUNG_UP: type[Exception] | tuple[type[Exception], ...] = OSError
else:
    import termios

    _HUNG_UP = (OSError, termios.error)


class NoTerminalError(MfaTuiError):
    """The user cannot be reached: input has ended, or output is lost."""


class InputEndedError(NoTerminalError):
    """Input ended before the user answered."""

    def __init__(self) -> None:
        super().__init__(
            "Input ended before the answer came.",
            impact="Nothing more was sent, and no code was used.",
            hint="Answer the prompt, or give the answer as a line on standard input.",
        )


class OutputLostError(NoTerminalError):
    """Standard output did not take the result."""

    def __init__(self) -> None:
        super().__init__(
            "The result could not be written to standard output.",
            impact="The command itself is done, and your codes are at the service.",
            hint="See mfa-tui status, and mfa-tui codes for the codes.",
        )


class CommandHints:
    """Names the profile in each `mfa-tui COMMAND` of a text, if it is not the default profile."""

    def __init__(self) -> None:
        self.profile: str | None = None
        """The profile to name; None for the default profile."""
        self._pattern = re.compile("(?!)")

    def set_commands(self, commands: Iterable[str]) -> None:
        """Name the profile in the hints that name one of these commands."""
        self._pattern = re.compile(rf"\bmfa-tui (?=(?:--plain|{'|'.join(commands)})\b)")

    def complete(self, text: str) -> str:
        """Return the text with the profile in its hints."""
        return self._pattern.sub(f"mfa-tui --profile {self.profile} ", text) if self.profile else text


hints = CommandHints()
"""The hints of this process, which uses one profile at a time."""


def is_output_terminal() -> bool:
    """Return whether results are shown on a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_error_terminal() -> bool:
    """Return whether messages are shown on a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def is_interactive() -> bool:
    """Return whether a user can answer a prompt: whether stdin is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def print_text(text: str, *, prose: bool = False) -> None:
    """Write one or more lines to stdout; `prose` is wrapped to the width of a terminal.

    Raises:
        OutputLostError: They could not be written: the disk is full, or the reader has closed the pipe.
    """
    try:
        text = hints.complete(text)
        _write(sys.stdout, f"{_wrapped(text, sys.stdout) if prose else text}\n")
    except OSError:
        raise OutputLostError from None


def print_message(text: str, *, prose: bool = True) -> None:
    """Write a message to stderr; if stderr cannot be written, it is lost.

    Text that is not prose, such as a command to paste, is not wrapped: a terminal that wraps it copies it whole.
    """
    with contextlib.suppress(OSError):
        text = hints.complete(text)
        _write(sys.stderr, f"{_wrapped(text, sys.stderr) if prose else text}\n")


def read_line(prompt: str) -> str:
    """Ask for a line on the terminal; if stdin is not a terminal, read its next line without a prompt.

    Raises:
        InputEndedError: Input ended.
    """
    if is_interactive():
        with contextlib.suppress(OSError):
            _write(sys.stderr, _wrapped(prompt, sys.stderr))
    try:
        raw = sys.stdin.buffer.readline(_MAX_LINE_BYTES) if sys.stdin is not None else b""
    except OSError:
        raw = b""
    if not raw:
        raise InputEndedError
    return raw.decode(errors="replace").strip()


def read_all(max_bytes: int) -> bytes:
    """Return standard input up to its end, at most `max_bytes`.

    Raises:
        InputEndedError: Standard input is closed, or cannot be read.
    """
    try:
        return sys.stdin.buffer.read(max_bytes)
    except (OSError, AttributeError):  # the latter if the descriptor was closed before the program started
        raise InputEndedError from None


def read_secret(prompt: str) -> Secret:
    """Ask for a code without echo; if stdin is not a terminal, read its next line.

    Raises:
        InputEndedError: Input ended.
        SystemExit: The terminal is gone.
    """
    if not is_interactive():
        return Secret(read_line(prompt))
    try:
        return Secret(getpass.getpass(_wrapped(prompt, sys.stderr)))
    except UnicodeDecodeError:
        return Secret("\N{REPLACEMENT CHARACTER}")
    except EOFError:
        print_message("")
        raise InputEndedError from None
    except _HUNG_UP:
        # getpass cannot restore the echo of a terminal that is gone, and its error hides the hang-up signal.
        raise SystemExit(ExitCode.HANGUP) from None


def discard_unwritable_output() -> None:
    """Discard output that can no longer be written; Python would fail on it at the very end, and exit with 120."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _wrapped(text: str, stream: TextIO | None) -> str:
    """Return the text wrapped at spaces to the width of the terminal; unchanged if the stream is not a terminal."""
    try:
        width = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except (OSError, ValueError):
        width = 0
    if not width:
        return text
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False)
    return "\n".join(_wrapped_line(line, wrapper) for line in text.split("\n"))


def _wrapped_line(line: str, wrapper: textwrap.TextWrapper) -> str:
    kept = line.rstrip()  # the space at the end of a prompt is kept
    return f"{wrapper.fill(kept)}{line[len(kept) :]}" if len(kept) > wrapper.width else line


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # the descriptor was closed before the program started
        raise OSError
    # A terminal or a file of another encoding than UTF-8 may lack a character; a question mark is better than nothing.
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
