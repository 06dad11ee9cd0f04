"""The capabilities of the terminal and of the system around it."""

import errno
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mfa_tui.errors import UsageError

SSH_VARIABLES = ("SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT")
"""Environment variables of which an SSH server sets at least one."""

_COERCED = ("C.UTF-8", "C.utf8")
"""Python sets `LC_CTYPE` to one of these if no locale is set, whatever the terminal supports (PEP 538)."""


class TerminalSize(NamedTuple):
    """The size of a terminal, in columns and lines."""

    width: int
    height: int


MIN_SIZE = TerminalSize(40, 12)
"""The smallest terminal in which every screen fits."""


def can_move_its_cursor() -> bool:
    """Return whether TERM names a terminal that can move its cursor; if TERM is not set, it cannot."""
    return sys.platform == "win32" or os.environ.get("TERM", "") not in {"", "dumb", "unknown"}


def is_in_foreground() -> bool:
    """Return whether the terminal on stdin still exists, and this process is in its foreground process group.

    A hang-up is signalled to the session leader alone. A leader that ignores it, or was killed, does not pass it on.
    """
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno() if sys.__stdin__ else 0) == os.getpgrp()
    except OSError:
        return False


def is_hung_up() -> bool:
    """Return whether stdin is a terminal that has hung up."""
    if sys.platform == "win32":
        return False
    try:
        os.tcgetpgrp(0)
    except OSError as error:
        return error.errno in {errno.EIO, errno.ENXIO}  # if stdin is not a terminal, it is ENOTTY or EBADF
    return False


def require_full_screen() -> None:
    """Check that a full-screen program can run here.

    Textual reads keys from stdin and draws on stderr. If stdin is not a terminal, it loops for ever; if stderr is a
    file, it writes the codes into that file.

    Raises:
        UsageError: Stdin or stderr is not a terminal.
    """
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        raise UsageError(
            "The screens need a terminal, and stdin or stderr is not one.",
            hint="Run mfa-tui in a terminal, without redirecting; over SSH, connect with ssh -t. "
            "Scripts use the commands: see mfa-tui --help.",
        )


def is_utf8(variables: Mapping[str, str] = os.environ) -> bool:
    """Return whether the locale says that the terminal shows UTF-8: the first set of `LC_ALL`, `LC_CTYPE`, `LANG`.

    If none is set, only ASCII is safe. A Windows console is always written to in Unicode.
    """
    if sys.platform == "win32":
        return True
    names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if variables.get("LC_CTYPE") in _COERCED and variables.get("LANG", "") in {"", "C", "POSIX"}:
        names.remove("LC_CTYPE")
    locale = next((variables[name] for name in names if variables.get(name)), "")
    return locale.lower().replace("-", "").endswith("utf8")


def has_printer() -> bool:
    """Return whether the command `lp` exists."""
    return shutil.which("lp") is not None


def backup_options(*, by_clipboard: bool = False) -> list[str]:
    """Return the ways to save new codes here, as phrases for a sentence: `in a file`."""
    available = {
        "in a file": os.access(Path.home(), os.W_OK),
        "on the clipboard": by_clipboard,
        "on paper": has_printer(),
    }
    return [option for option, is_available in available.items() if is_available]
