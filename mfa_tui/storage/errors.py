"""The errors of reading and writing files."""

import errno
from pathlib import Path

from mfa_tui import formatting
from mfa_tui.errors import CODES_UNCHANGED, ExitCode, MfaTuiError

_PERMISSIONS = "Correct the folder's permissions or choose another folder"
_CHECK_DISK = "Check the disk or choose another folder"
_MAKE_ROOM = "Make room on the disk"
_OTHER_NAME = "Choose another name"

_REASONS = {
    errno.EACCES: ("permission denied", _PERMISSIONS),
    errno.EPERM: ("permission denied", _PERMISSIONS),
    errno.EROFS: ("the file system is read-only", _PERMISSIONS),
    errno.ENOSPC: ("the disk is full", _MAKE_ROOM),
    errno.EDQUOT: ("the disk quota is used up", _MAKE_ROOM),
    errno.EFBIG: ("files may not grow that large here", _MAKE_ROOM),
    errno.EIO: ("the disk failed", _CHECK_DISK),
    errno.ENOENT: ("its folder does not exist", _OTHER_NAME),
    errno.ENOTDIR: ("a file stands where a folder should be", _OTHER_NAME),
    errno.EISDIR: ("a folder stands there", _OTHER_NAME),
    errno.ELOOP: ("it is a link", _OTHER_NAME),
    errno.EEXIST: ("it exists already", _OTHER_NAME),
    errno.EINVAL: ("that is no name for a file", _OTHER_NAME),
}
"""The reason of each error number, and how to correct it."""


class StorageError(MfaTuiError):
    """A file could not be read, written or removed; the codes at the service are unchanged.

    Args:
        verb: The failed operation: `read`, `written` or `removed`.
        path: The file.
        error: The cause. Python raises a `ValueError` if the name has a character that no file name can have.
    """

    def __init__(self, verb: str, path: Path, error: OSError | ValueError) -> None:
        number = (error.errno or 0) if isinstance(error, OSError) else errno.EINVAL
        reason, cure = _REASONS.get(number, ("the system refused", _CHECK_DISK))
        super().__init__(
            f"The file {formatting.path_name(path)} could not be {verb}: {reason}.",
            impact=CODES_UNCHANGED,
            hint=f"{cure}, then try again.",
        )


class NotAFileError(StorageError):
    """The user named a folder, or nothing, instead of a file.

    Args:
        path: The path that the user typed.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path) -> None:
        named = formatting.path_name(path)
        MfaTuiError.__init__(
            self,
            "No file is named." if named == "." else f"{named} is a folder.",
            impact=CODES_UNCHANGED,
            hint="Type a file's name.",
        )


class ExposedFileError(StorageError):
    """Another user can have written a file that the program relies on, or read a secret in it: it is not used.

    Args:
        path: The file.
        reason: The end of a sentence that starts with the file.
    """

    def __init__(self, path: Path, reason: str) -> None:
        named = formatting.path_name(path)
        MfaTuiError.__init__(
            self,
            f"The file {named} is not used: it {reason}.",
            impact=CODES_UNCHANGED,
            hint=f"Look who has changed it; then make it yours alone (chmod 600 {named}), or remove it.",
        )
