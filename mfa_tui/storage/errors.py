"""What can go wrong with a file of ours."""

import errno
from pathlib import Path

from mfa_tui import text
from mfa_tui.errors import MfaTuiError

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.ENOTDIR: "a file stands where a folder should be",
    errno.EISDIR: "a folder stands where a file should be",
    errno.ELOOP: "it is a link",
    errno.EEXIST: "it exists already",
}


class StorageError(MfaTuiError):
    """A file of ours could not be read or written; what the service holds is untouched.

    Args:
        verb: What was tried: `read`, `written`, `removed`.
        path: The file.
        error: Why not.
    """

    def __init__(self, verb: str, path: Path, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0, "the system refused")
        super().__init__(
            f"The file {text.one_line(str(path), 200)} could not be {verb}: {reason}.",
            codes="Your codes are as they were.",
            next_step="Mend the folder's permissions or make room on the disk, then try again.",
        )
