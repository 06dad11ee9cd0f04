"""What the terminal can do."""

import os
import sys

from mfa_tui.errors import UsageError


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
            next_step="Run mfa-tui in a terminal, without redirecting; over SSH, connect with ssh -t.",
        )
    if os.environ.get("TERM", "") in {"", "dumb"} and sys.platform != "win32":
        raise UsageError(
            "The screens need a terminal that can move its cursor, and TERM says that this one cannot.",
            next_step="Use another terminal, or set TERM to what this one is, such as xterm-256color.",
        )
