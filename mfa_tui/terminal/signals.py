"""Signals that ask the program to end."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType

from mfa_tui.errors import ExitCode

SHUTDOWN_TIMEOUT = 5.0
"""Seconds to end in good order: a terminal that takes no more output would hold the program for ever."""

_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
if sys.platform != "win32":
    _CODES |= {signal.SIGHUP: ExitCode.HANGUP, signal.SIGQUIT: ExitCode.QUIT}


def exit_on_end() -> None:
    """Have the program leave with the exit code when a signal asks it to end, for where no screen has to be left.

    To be called before an event loop runs: it would take an interrupt for itself, and a prompt on it would not end.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_CODES[signal.Signals(number)])

    for number in _CODES:
        signal.signal(number, leave)


@contextmanager
def ending(end: Callable[[ExitCode], object]) -> Iterator[None]:
    """Have `end` called on the running loop, with the exit code, when a signal asks the program to end.

    Left to themselves these signals kill the process where it stands, with the codes on the screen and the
    terminal in raw mode. Where the context has not ended `GRACE` seconds later, the process is ended all the same.
    """
    loop = asyncio.get_running_loop()
    timers: list[Timer] = []

    # Python's own handlers, not the loop's: these run even while the loop waits for the terminal.
    def take(number: int, _frame: FrameType | None) -> None:
        code = _CODES[signal.Signals(number)]
        timer = Timer(SHUTDOWN_TIMEOUT, os._exit, [code])
        timer.daemon = True
        timer.start()
        timers.append(timer)
        loop.call_soon_threadsafe(end, code)

    before = {number: signal.signal(number, take) for number in _CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for timer in timers:
            timer.cancel()
