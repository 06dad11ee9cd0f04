"""Files that only their owner can read, written whole or not at all."""

import contextlib
import os
import secrets
from pathlib import Path

from mfa_tui.storage.errors import StorageError


def read(path: Path, largest: int) -> bytes | None:
    """Return what the file holds, at most `largest` bytes of it, or None where there is no file.

    Raises:
        StorageError: It is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(largest)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError("read", path, error) from None


def write(path: Path, content: bytes) -> None:
    """Put `content` into the file, mode 0600, replacing it in one step; after a crash it is the old or the new.

    Raises:
        StorageError: It could not be written; the old file, if any, stands.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(path, content)
    except OSError as error:
        raise StorageError("written", path, error) from None


def remove(path: Path) -> None:
    """Remove the file; one that is not there is removed already.

    Raises:
        StorageError: It could not be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError("removed", path, error) from None


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
