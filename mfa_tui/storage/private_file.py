"""Reading, writing and removing files that only their owner can read; what fails raises a `StorageError`."""

from pathlib import Path

from mfa_tui import atomic_file
from mfa_tui.storage.errors import StorageError


def read(path: Path, max_bytes: int) -> bytes | None:
    """Return at most `max_bytes` of the file, or None if it does not exist.

    Raises:
        StorageError: The file exists and cannot be read, or its name is invalid.
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
