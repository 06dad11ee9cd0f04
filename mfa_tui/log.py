"""The log that `--log FILE` writes: safe to attach to a bug report, because it cannot hold a text.

What is noted is an event from a fixed list and facts about it: numbers, names of types and of enum members, and
request ids. A string is refused, so that no code, token, address or message can be among them.
"""

import contextlib
import os
import re
import stat
import sys
import time
from enum import Enum
from pathlib import Path

from mfa_tui.errors import UsageError

Fact = float | bool | Enum | type | None


class Event(Enum):
    """What happens."""

    START = "start"
    SCREEN = "screen"
    CALL = "call"
    COPY = "copy"
    CLEAR = "clear"
    COVER = "cover"
    ERROR = "error"
    CRASH = "crash"
    END = "end"


class RequestId:
    """The id of a request, by which the service's makers find it in their own log: 50 letters and digits.

    Raises:
        ValueError: It is something else.
    """

    def __init__(self, text: str) -> None:
        if not re.fullmatch("[A-Za-z0-9]{50}", text):
            msg = "not a request id"
            raise ValueError(msg)
        self.text = text


_sink: int | None = None
"""The log's file descriptor. Nothing is buffered: a crash must not cost the last lines."""


def open_log(path: Path) -> None:
    """Write what is noted from now on to a file, mode 0600; one that is there already is added to.

    Raises:
        UsageError: The file cannot be opened, is a link, is no regular file, or belongs to somebody else.
    """
    global _sink  # noqa: PLW0603 - a process has one log
    try:
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError:
        raise _refused() from None
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode) or (sys.platform != "win32" and found.st_uid != os.geteuid()):
        os.close(number)
        raise _refused()
    if sys.platform != "win32":
        os.fchmod(number, 0o600)
    close_log()
    _sink = number


def close_log() -> None:
    """Write nothing more."""
    global _sink  # noqa: PLW0603 - a process has one log
    if _sink is not None:
        os.close(_sink)
    _sink = None


def note(event: Event, request: RequestId | None = None, **facts: Fact) -> None:
    """Write an event with facts about it, if there is a log.

    Where the disk does not take it, what is under way goes on: it matters more than the log.

    Raises:
        TypeError: A fact is of a kind that could hold a text.
    """
    words = [f"{name}={_written(fact)}" for name, fact in facts.items()]
    if request is not None:
        words.append(f"request={request.text}")
    if _sink is not None:
        with contextlib.suppress(OSError):
            os.write(_sink, f"{time.time():.3f} {os.getpid()} {' '.join([event.value, *words])}\n".encode())


def _written(fact: object) -> str:
    if isinstance(fact, Enum):
        return fact.name
    if isinstance(fact, type):
        return fact.__name__
    if isinstance(fact, float):
        return f"{fact:.3f}"
    if fact is None or isinstance(fact, int):
        return str(fact)
    msg = "a log takes no text"
    raise TypeError(msg)


def _refused() -> UsageError:
    return UsageError(
        "The log cannot be written there.",
        hint="Name a new file, or one that is yours, in a folder that you can write to.",
    )
