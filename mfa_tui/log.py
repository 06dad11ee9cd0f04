"""The log that `--log FILE` writes: safe to attach to a bug report, because it cannot contain text.

An entry is an event from a fixed list with facts: numbers, names of types and of enum members, and request ids. A
string is rejected, so that no code, token, address or message can be among them. The standard `logging` module would
accept any text, from any library.
"""

import contextlib
import os
import re
import time
from enum import Enum
from pathlib import Path

from mfa_tui import atomic_file
from mfa_tui.errors import UsageError

Fact = float | bool | Enum | type | None


class Event(Enum):
    """The events that the log records."""

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
    """The id of a request, by which the vendor finds it in the service's log: 50 letters and digits.

    Raises:
        ValueError: The text is not such an id.
    """

    def __init__(self, text: str) -> None:
        if not re.fullmatch("[A-Za-z0-9]{50}", text):
            msg = "not a request id"
            raise ValueError(msg)
        self.text = text


_sink: int | None = None
"""The log's file descriptor. Nothing is buffered: a crash must not lose the last lines."""


def open_log(path: Path) -> None:
    """Write events to a file from now on, mode 0600, after the lines that it already has.

    Raises:
        UsageError: The file cannot be opened, is a link or no regular file, or belongs to another user.
    """
    global _sink  # noqa: PLW0603 - a process has one log
    try:
        descriptor = atomic_file.open_append(path)
    except OSError as error:
        if error.errno in atomic_file.DISK_FULL:
            raise UsageError("The log cannot be written: the disk is full.", hint="Make room on the disk.") from None
        raise UsageError(
            "The log cannot be written there.",
            hint="Name a new file, or one of your own, in a folder that you can write to.",
        ) from None
    close_log()
    _sink = descriptor


def close_log() -> None:
    """Close the log, if one is open."""
    global _sink  # noqa: PLW0603 - a process has one log
    if _sink is not None:
        os.close(_sink)
    _sink = None


def note(event: Event, request: RequestId | None = None, **facts: Fact) -> None:
    """Write an event with its facts, if a log is open.

    If the disk refuses the entry, the program goes on without it.

    Raises:
        TypeError: A fact is of a type that could contain text.
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
