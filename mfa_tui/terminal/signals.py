"""Signals that end the program, and the exit code of each."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType

from mfa_tui.errors import ExitCode

_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
if sys.platform != "win32":
    _CODES |= {signal.SIGHUP: ExitCode.HANGUP, signal.SIGQUIT: ExitCode.QUIT}


def exit_on_signal() -> None:
    """Exit with the signal's exit code when a signal asks the program to end; for commands without a screen.

    Call it before an event loop runs: the loop would handle an interrupt itself, and a prompt on it would not end.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_CODES[signal.Signals(number)])

    for number in _CODES:
        signal.signal(number, leave)


@contextmanager
def call_on_signal(end: Callable[[ExitCode], object], timeout: float) -> Iterator[None]:
    """Call `end` on the running loop, with the exit code, when a signal asks the program to end.

    By default these signals kill the process at once, with the codes on the screen and the terminal in raw mode. If
    the context has not ended `timeout` seconds after the signal, the process exits anyway.
    """
    loop = asyncio.get_running_loop()
    timers: list[Timer] = []

    # Python's own handlers, not the loop's: these run even while the loop waits for the terminal.
    def handle(number: int, _frame: FrameType | None) -> None:
        code = _CODES[signal.Signals(number)]
        timer = Timer(timeout, os._exit, [code])
        timer.daemon = True
        timer.start()
        timers.append(timer)
        loop.call_soon_threadsafe(end, code)

    before = {number: signal.signal(number, handle) for number in _CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for timer in timers:
            timer.cancel()
