"""What can go wrong with a file of ours."""

import errno
from pathlib import Path

from mfa_tui import sanitize
from mfa_tui.errors import ExitCode, MfaTuiError

_MEND = "Mend the folder's permissions or choose another folder"
_MAKE_ROOM = "Make room on the disk"
_OTHER_NAME = "Choose another name"

_REASONS = {
    errno.EACCES: ("permission denied", _MEND),
    errno.EPERM: ("permission denied", _MEND),
    errno.EROFS: ("the file system is read-only", _MEND),
    errno.ENOSPC: ("the disk is full", _MAKE_ROOM),
    errno.EDQUOT: ("the disk quota is used up", _MAKE_ROOM),
    errno.ENOENT: ("its folder does not exist", _OTHER_NAME),
    errno.ENOTDIR: ("a file stands where a folder should be", _OTHER_NAME),
    errno.EISDIR: ("a folder stands there", _OTHER_NAME),
    errno.ELOOP: ("it is a link", _OTHER_NAME),
    errno.EEXIST: ("it exists already", _OTHER_NAME),
    errno.EINVAL: ("that is no name for a file", _OTHER_NAME),
}
"""Why not, and what to do about it."""


class StorageError(MfaTuiError):
    """A file of ours could not be read or written; what the service holds is untouched.

    Args:
        verb: What was tried: `read`, `written`, `removed`.
        path: The file.
        error: Why not. A `ValueError` is Python's for a name with a character in it that no name can have.
    """

    def __init__(self, verb: str, path: Path, error: OSError | ValueError) -> None:
        number = (error.errno or 0) if isinstance(error, OSError) else errno.EINVAL
        reason, cure = _REASONS.get(number, ("the system refused", _MEND))
        super().__init__(
            f"The file {sanitize.one_line(str(path), 200)} could not be {verb}: {reason}.",
            impact="Your codes are as they were.",
            hint=f"{cure}, then try again.",
        )


class NotAFileError(StorageError):
    """A person named a folder, or nothing, where a file should be.

    Args:
        path: What they named.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path) -> None:
        named = sanitize.one_line(str(path), 200)
        MfaTuiError.__init__(
            self,
            "No file is named." if named == "." else f"{named} is a folder.",
            impact="Your codes are as they were.",
            hint="Type a file's name.",
        )
