"""Files that are either there in full, or not there, and that only their owner reads."""

import contextlib
import errno
import os
import secrets
import time
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)
"""Windows would else write two bytes for a line feed."""

_ABANDONED_SECONDS = 3600
"""The age from which on nobody is still at work on a draft: it takes moments."""


class Draft:
    """A file under a name that nobody looks at, until it is published in full.

    Args:
        path: The name under which it is to appear.
        content: What it holds.

    Raises:
        OSError: There is no room or no right to write it; nothing is left behind.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        self._descriptor = os.open(self._hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            if os.write(self._descriptor, content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self.discard()
            raise

    def publish(self) -> None:
        """Force it to disk, then let it appear under its name, in place of what was there.

        Raises:
            OSError: The disk did not take it; nothing is left behind.
        """
        try:
            try:
                os.fsync(self._descriptor)
            finally:
                os.close(self._descriptor)
            self._hidden.replace(self._path)
        except OSError:
            self._hidden.unlink(missing_ok=True)
            raise

    def publish_durably(self) -> None:
        """Publish it so that its name too is still there after a loss of power.

        Raises:
            OSError: The disk did not take it.
        """
        self.publish()
        sync_folder(self._path.parent)

    def discard(self) -> None:
        """Let it be gone, as if it had never been written."""
        os.close(self._descriptor)
        self._hidden.unlink(missing_ok=True)


def remove_stale(folder: Path) -> None:
    """Remove the drafts that killed programs have left in a folder; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        for path in folder.glob(".*.tmp"):
            if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force to disk which names a folder holds, where its file system can do that.

    Raises:
        OSError: The disk did not take it.
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
