"""Reading, writing and removing files that only their owner can read; what fails raises a `StorageError`."""

import os
import stat
from pathlib import Path

from mfa_tui import atomic_file
from mfa_tui.storage.errors import ExposedFileError, StorageError

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)

_ACCESS = 0o077
_WRITE = 0o022
"""The permissions of others to read or write a file, and to write it."""


def read(path: Path, max_bytes: int) -> bytes | None:
    """Return at most `max_bytes` of a file that the program has written, or None if it does not exist.

    Raises:
        ExposedFileError: It is a link or no regular file, it belongs to another user, or others may read or write it.
        StorageError: It exists and cannot be read, or its name is invalid.
    """
    return _read(path, max_bytes, _NO_FOLLOW, forbidden=_ACCESS)


def read_configuration(path: Path, max_bytes: int) -> bytes | None:
    """Return at most `max_bytes` of a file that the user has written, or None if it does not exist.

    It may be a link, as in a collection of such files, and others may read it: it contains no secret.

    Raises:
        ExposedFileError: It is no regular file, it belongs to another user, or others may write it.
        StorageError: It exists and cannot be read, or its name is invalid.
    """
    return _read(path, max_bytes, 0, forbidden=_WRITE)


def read_named(path: Path, max_bytes: int) -> bytes | None:
    """Return at most `max_bytes` of a file that the user has named, whatever it is, or None if it does not exist.

    Raises:
        StorageError: It exists and cannot be read, or its name is invalid.
    """
    try:
        with path.open("rb") as file:
            return file.read(max_bytes)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError("read", path, error) from None


def write(path: Path, content: bytes) -> None:
    """Write the file in one step, replacing the old one, and create its folder if needed.

    Raises:
        StorageError: It could not be written; the old file, if any, is unchanged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        atomic_file.replace_file(path, content)
    except OSError as error:
        raise StorageError("written", path, error) from None


def create(path: Path, content: bytes) -> None:
    """Write a new file, never over an existing one or through a link.

    Raises:
        StorageError: It could not be written in full; nothing is left behind.
    """
    try:
        atomic_file.create_file(path, content)
    except (OSError, ValueError) as error:
        raise StorageError("written", path, error) from None


def remove(path: Path) -> None:
    """Remove the file, if it exists.

    Raises:
        StorageError: It could not be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError("removed", path, error) from None


def _read(path: Path, max_bytes: int, flags: int, *, forbidden: int) -> bytes | None:
    try:
        # Opening a pipe waits for its other end, unless it is opened without waiting.
        descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | flags)
        with os.fdopen(descriptor, "rb") as file:
            _check(path, os.fstat(descriptor), forbidden)
            return file.read(max_bytes)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError("read", path, error) from None


def _check(path: Path, status: os.stat_result, forbidden: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ExposedFileError(path, "is no regular file")
    if os.name == "posix":
        if status.st_uid not in {os.geteuid(), 0}:
            raise ExposedFileError(path, "belongs to another user")
        if status.st_mode & forbidden:
            raise ExposedFileError(path, "can be changed by others" if forbidden == _WRITE else "is open to others")
