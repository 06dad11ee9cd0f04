"""The type that does not print itself, and what a crash may say."""

import hashlib
import hmac
import logging
import os
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

_PACKAGE = Path(__file__).parent


class Secret:
    """A string that does not print itself: a code, a token, a key.

    It has no `str`, `repr` or `format` that shows it, compares in constant time and cannot be pickled. What
    must have the text itself asks for it by name, `reveal()`, so that a search finds every such place.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def decode(cls, text: object) -> Self:
        """Return the secret that stands as a string in decoded JSON.

        Raises:
            TypeError: It is not a string.
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


@dataclass(frozen=True)
class Crash:
    """What may be said of a fault of ours: its type and place, never a value.

    An exception's message and a frame's locals can hold a code or a token, so neither is kept.
    """

    kind: str
    place: str

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Return what may be said of `error`: its place is the innermost frame of this program."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
        if not ours:
            return cls(type(error).__name__, "a place outside mfa_tui")
        file = Path(ours[-1].filename).relative_to(_PACKAGE.parent).as_posix()
        return cls(type(error).__name__, f"{file}:{ours[-1].lineno}")

    @property
    def reference(self) -> str:
        """Eight hex digits, the same for the same fault at the same place."""
        return hashlib.sha256(f"{self.kind} {self.place}".encode()).hexdigest()[:8]

    def __str__(self) -> str:
        return (
            f"mfa-tui stopped: a fault of its own ({self.kind} at {self.place}). "
            "Your codes are as the service last had them. "
            f"Start it again to see; reporting it, give reference {self.reference}."
        )


def harden_process() -> None:
    """Shut the ways in which a process gives secrets away by itself. To be called before textual is imported.

    Core dumps are switched off; the `TEXTUAL*` variables, which make textual write typed keys to a readable
    file, are dropped; the HTTP libraries, which log URLs and cookies, are kept to warnings; an exception that
    nobody caught is told as a `Crash`, wherever it was.
    """
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - POSIX only

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.umask(0o077)
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Tells of a task that failed with nobody to hear of it, with its message and traceback.
    logging.getLogger("asyncio").addHandler(logging.NullHandler())
    logging.getLogger("asyncio").propagate = False
    sys.excepthook = lambda _kind, error, _traceback: _report(error)
    threading.excepthook = lambda failed: _report(failed.exc_value)
    sys.unraisablehook = lambda failed: _report(failed.exc_value)


def _report(error: BaseException | None) -> None:
    print(Crash.of(error or Exception()), file=sys.stderr)  # noqa: T201 - it must not fail itself
