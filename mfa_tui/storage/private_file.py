"""Files that only their owner can read, written whole or not at all."""

from pathlib import Path

from mfa_tui import atomic_file
from mfa_tui.storage.errors import StorageError


def read(path: Path, largest: int) -> bytes | None:
    """Return what the file holds, at most `largest` bytes of it, or None where there is no file.

    Raises:
        StorageError: It is there and cannot be read, or its name is none.
    """
    try:
        with path.open("rb") as file:
            return file.read(largest)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError("read", path, error) from None


def write(path: Path, content: bytes) -> None:
    """Put `content` into the file, mode 0600, replacing it in one step; after a crash it is the old or the new.

    It is on the disk, name and all, when this returns.

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
    atomic_file.remove_stale(path.parent)
    atomic_file.Draft(path, content).publish_durably()
