"""Signals that ask the program to end."""

import asyncio
import signal
import sys
from collections.abc import Callable

from mfa_tui.errors import ExitCode


def on_end(end: Callable[[ExitCode], object]) -> None:
    """Have `end` called with the exit code when a signal asks the program to end.

    Left to themselves these signals kill the process where it stands, with the codes on the screen and the
    terminal in raw mode. Windows has no such handlers: there the program ends by its keys.
    """
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    for number, code in (
        (signal.SIGHUP, ExitCode.HANGUP),
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGTERM, ExitCode.TERMINATED),
    ):
        loop.add_signal_handler(number, end, code)
