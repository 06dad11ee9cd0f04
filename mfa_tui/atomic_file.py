"""Writing files that only their owner can read, in full or not at all: replaced, created or appended to."""

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)
"""Without this flag Windows writes two bytes for a line feed."""

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""The error numbers of a disk without room: it is full, or a quota or limit is reached."""

_STALE_SECONDS = 3600
"""The age above which a temporary file is left over from a killed program: writing one takes moments."""


class StagedFile:
    """A file under a temporary name, until it is published under its own.

    Args:
        path: The name under which it is to appear.
        content: The bytes in it.

    Raises:
        OSError: There is no room or no permission to write it; nothing is left behind.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        self._descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            _write_all(self._descriptor, content)
        except OSError:
            self.discard()
            raise

    def publish(self) -> None:
        """Force the content to disk, then rename the file to its own name, replacing any file there.

        Raises:
            OSError: The disk refused; nothing is left behind.
        """
        try:
            try:
                os.fsync(self._descriptor)
            finally:
                os.close(self._descriptor)
            self._temporary.replace(self._path)
        except OSError:
            self._temporary.unlink(missing_ok=True)
            raise

    def publish_durably(self) -> None:
        """Publish the file so that its name too survives a loss of power.

        Raises:
            OSError: The disk refused.
        """
        self.publish()
        sync_folder(self._path.parent)

    def discard(self) -> None:
        """Remove the temporary file."""
        os.close(self._descriptor)
        self._temporary.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step, replacing any file or link of that name; after a crash it is the old or the new one.

    When this returns, both content and name are on the disk.

    Raises:
        OSError: It could not be written; the old file, if any, is unchanged.
    """
    remove_stale(path.parent)
    StagedFile(path, content).publish_durably()


def create_file(path: Path, content: bytes) -> None:
    """Write a new file, never through a link; when this returns, its content is on the disk.

    Raises:
        OSError: It exists already, or it could not be written in full, and was removed.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    try:
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:  # a signal may raise here too
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    # Not every file system can sync a folder, and the content is on the disk already.
    with contextlib.suppress(OSError):
        sync_folder(path.parent)


def open_append(path: Path) -> int:
    """Open a file for appending, created if it does not exist, and return its descriptor.

    Raises:
        OSError: It cannot be opened, is a link or no regular file, or belongs to another user.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_FOLLOW, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        if os.name == "posix":
            if status.st_uid != os.geteuid():
                raise OSError(errno.EPERM, os.strerror(errno.EPERM))
            os.fchmod(descriptor, 0o600)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def has_room(folder: Path) -> bool:
    """Return whether a small file can be written to a folder, as far as room is concerned."""
    try:
        StagedFile(folder / "room", bytes(4096)).discard()
    except OSError as error:
        return error.errno not in DISK_FULL
    return True


def remove_stale(folder: Path) -> None:
    """Remove the temporary files that killed programs left in a folder, as far as possible."""
    with contextlib.suppress(OSError):
        for path in folder.glob(".*.tmp"):
            if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force a folder's list of names to disk, if its file system can do that.

    Raises:
        OSError: The disk refused.
    """
    if os.name != "posix":
        return  # Windows cannot open a folder, and journals its names itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    if os.write(descriptor, content) != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
