"""Files that are either there in full, or not there, and that only their owner reads."""

import os
import secrets
from pathlib import Path


class Draft:
    """A file that is complete on disk under a name that nobody looks at, until it is published.

    Args:
        path: The name under which it is to appear.
        content: What it holds.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with os.fdopen(os.open(self._hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self.discard()
            raise

    def publish(self) -> None:
        """Let it appear under its name, in place of what was there.

        Raises:
            OSError: It could not be renamed.
        """
        self._hidden.replace(self._path)

    def publish_durably(self) -> None:
        """Publish it so that it is still there after a loss of power.

        Raises:
            OSError: It could not be renamed, or the folder could not be flushed.
        """
        self.publish()
        flush_folder(self._path.parent)

    def discard(self) -> None:
        """Let it be gone, as if it had never been written."""
        self._hidden.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Force to disk which names a folder holds.

    Raises:
        OSError: The disk did not take it.
    """
    if os.name != "posix":
        return  # Windows cannot open a folder, and journals its names itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
