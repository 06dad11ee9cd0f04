"""The file that a person keeps their codes in: writing it, and finding codes in any such text."""

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mfa_tui import atomic_file
from mfa_tui.redaction import Secret
from mfa_tui.storage.errors import NotAFileError, StorageError

MAX_BYTES = 1024 * 1024
"""The most that is read of a file in which codes are looked for, in bytes."""

GROUP = 5
"""Symbols in a group: codes are written and shown in groups, which are easier to copy by hand."""

_LONE_CODE = re.compile(r"^\W*(?:\d{1,2}(?:[.):]\s*|\s+))?([A-Za-z0-9]{5})[ -]?([A-Za-z0-9]{5})\W*$")
_CODE_AMONG_OTHERS = re.compile(r"\b(?=[0-9]*[A-Z])[A-Z0-9]{10}\b")
"""In a JSON list, say, or two to a line; ten digits would be a time rather than a code."""


def grouped(symbols: str) -> str:
    """Return a code's symbols in groups of five."""
    return " ".join(symbols[i : i + GROUP] for i in range(0, len(symbols), GROUP))


def path_of(typed: str) -> Path:
    """Return the file that a person named, just as they did; `~` stands for their home."""
    name = typed.rstrip("\r\n")
    try:
        return Path(name).expanduser()
    except RuntimeError:  # a user whose home is not known
        return Path(name)


def require_file(path: Path) -> None:
    """Make sure that a path which a person named is a file's, whether or not there is one yet.

    Raises:
        NotAFileError: It is a folder's, or nothing was named.
    """
    with contextlib.suppress(OSError, ValueError):
        if path.is_dir():
            raise NotAFileError(path)


def free_name(folder: Path) -> Path:
    """Return the name of a file for today's codes that is not there yet."""
    stem = f"mfa-recovery-codes-{datetime.now(UTC):%Y-%m-%d}"
    names = [f"{stem}.txt", *(f"{stem}-{number}.txt" for number in range(2, 100))]
    return next((folder / name for name in names if not (folder / name).exists()), folder / names[0])


def sheet(header: Sequence[tuple[str, str]], codes: Sequence[Secret]) -> str:
    """Return the codes as a text to keep, under a header of names and values."""
    lines = ["MFA recovery codes", ""]
    lines += [f"{name + ':':<13}{value}" for name, value in header]
    lines += ["", "Each code works once.", ""]
    lines += [f"{number:>2}  {grouped(code.reveal())}" for number, code in enumerate(codes, start=1)]
    return "\n".join(lines) + "\n"


def write(path: Path, content: str) -> None:
    """Write a sheet to a new file, mode 0600. It is on the disk when this returns.

    Never over a file that is there, never through a link; what could not be written whole is removed.

    Raises:
        StorageError: It could not be written.
    """
    require_file(path)
    try:
        _write_new(path, content.encode())
    except (OSError, ValueError) as error:
        raise StorageError("written", path, error) from None


def try_out(path: Path) -> None:
    """Make sure that `write` could make this file now: make it, and remove it again.

    Raises:
        StorageError: It could not: it is there already, say, or its folder is not.
    """
    require_file(path)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        path.unlink()
    except (OSError, ValueError) as error:
        raise StorageError("written", path, error) from None


@dataclass(frozen=True)
class Found:
    """What codes a text holds, beside a set: how many of the set's, and how many others."""

    live: int
    others: int


def find(text: str, live: Sequence[Secret]) -> Found:
    """Return how many codes of the set `live` stand anywhere in the text, in groups or not, in any case.

    What has the form of a code, alone on its line or all in capitals, and is none of them, counts among the others.
    """
    squeezed = re.sub(r"[\s-]", "", text).upper()
    known = {code.reveal().upper() for code in live}
    alike = {"".join(match.groups()).upper() for line in text.splitlines() if (match := _LONE_CODE.match(line))}
    alike.update(_CODE_AMONG_OTHERS.findall(text))
    return Found(live=sum(code in squeezed for code in known), others=len(alike - known))


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:  # a signal too may end it here
            with contextlib.suppress(OSError):
                path.unlink()
            raise
    # The file's name has to be on the disk too. Not every system and folder allows it; the content is there.
    with contextlib.suppress(OSError):
        atomic_file.sync_folder(path.parent)
