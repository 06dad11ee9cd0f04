"""Keeping secrets out of output: the `Secret` type, crash reports without values, and hardening the process."""

import hashlib
import hmac
import logging
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import NamedTuple, NoReturn, Self

_PACKAGE = Path(__file__).parent

_PR_SET_DUMPABLE = 4
"""Source: linux/prctl.h."""


class Secret:
    """A string that does not print itself: a code, a token, a key.

    Its `str`, `repr` and `format` do not show it, it compares in constant time, and it cannot be pickled. Code that
    needs the text calls `reveal()`, so that a search finds every such place.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def decode(cls, text: object) -> Self:
        """Return a string of decoded JSON as a secret.

        Raises:
            TypeError: The value is not a string.
        """
        if not isinstance(text, str):
            msg = "expected a string"
            raise TypeError(msg)
        return cls(text)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        msg = "a secret is not pickled"
        raise TypeError(msg)


class CrashReport(NamedTuple):
    """The report of an internal error: its type and place, never a value.

    An exception's message and a frame's locals can hold a code or a token, so neither is kept.
    """

    kind: str
    place: str

    @classmethod
    def from_exception(cls, error: BaseException) -> Self:
        """Return the report of an exception; its place is the innermost frame in this package."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
        if not ours:
            return cls(type(error).__name__, "a place outside mfa_tui")
        file = Path(ours[-1].filename).relative_to(_PACKAGE.parent).as_posix()
        return cls(type(error).__name__, f"{file}:{ours[-1].lineno}")

    @property
    def reference(self) -> str:
        """Eight hex digits, the same for every error of the same type at the same place."""
        return hashlib.sha256(f"{self.kind} {self.place}".encode()).hexdigest()[:8]

    def __str__(self) -> str:
        return (
            f"mfa-tui stopped: an internal error ({self.kind} at {self.place}). "
            "Your codes are as the service last had them. "
            f"Start it again to check them; if you report this error, give reference {self.reference}."
        )


def harden_process() -> None:
    """Keep the process from leaking secrets. Call it before textual is imported.

    It disables core dumps, hides the memory from other processes of the user (on Linux), removes the `TEXTUAL*`
    variables, which make textual write typed keys to a readable file, limits the HTTP libraries, which log URLs and
    cookies, to warnings, and reports every uncaught exception as a `CrashReport`.
    """
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - POSIX only

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.umask(0o077)
    if sys.platform == "linux":
        _hide_memory()
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # asyncio logs the message and traceback of a failed task that is never awaited.
    logging.getLogger("asyncio").addHandler(logging.NullHandler())
    logging.getLogger("asyncio").propagate = False
    sys.excepthook = lambda _kind, error, _traceback: _report(error)
    threading.excepthook = lambda failed: _report(failed.exc_value)
    sys.unraisablehook = lambda failed: _report(failed.exc_value)


def _hide_memory() -> None:
    """Let no other process of this user read the memory, with the codes and the token in it (prctl(2)).

    The administrator can still read it.
    """
    import ctypes  # noqa: PLC0415 - 5 ms, on Linux only

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _report(error: BaseException | None) -> None:
    print(CrashReport.from_exception(error or Exception()), file=sys.stderr)  # noqa: T201 - it must not fail
