"""What the terminal can do."""

import os
import sys
from collections.abc import Mapping

from mfa_tui.errors import UsageError

_COERCED = ("C.UTF-8", "C.utf8")
"""What Python puts into `LC_CTYPE` by itself where no locale is set, whatever the terminal is (PEP 538)."""


def can_move_its_cursor() -> bool:
    """Return whether TERM says so; where it says nothing, the terminal is taken at the least."""
    return sys.platform == "win32" or os.environ.get("TERM", "") not in {"", "dumb", "unknown"}


def require_full_screen() -> None:
    """Make sure that a full-screen program can run here.

    Textual reads keys from stdin and draws on stderr; with stdin no terminal it would spin for ever, and with
    stderr a file the codes would be drawn into it.

    Raises:
        UsageError: It cannot.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "The screens need a terminal, and stdin or stderr is not one.",
            hint="Run mfa-tui in a terminal, without redirecting; over SSH, connect with ssh -t. "
            "Scripts use the verbs: see mfa-tui --help.",
        )


def is_utf8(variables: Mapping[str, str] = os.environ) -> bool:
    """Return whether the terminal shows UTF-8, as the locale says: the first set of `LC_ALL`, `LC_CTYPE`, `LANG`.

    Where none is set, nothing promises more than ASCII. Windows' consoles are always written to in Unicode.
    """
    if sys.platform == "win32":
        return True
    names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if variables.get("LC_CTYPE") in _COERCED and variables.get("LANG", "") in {"", "C", "POSIX"}:
        names.remove("LC_CTYPE")
    locale = next((variables[name] for name in names if variables.get(name)), "")
    return locale.lower().replace("-", "").endswith("utf8")
