"""Checks that a data folder belongs to this user alone, as ssh does with `StrictModes` (sshd_config(5)).

Another user who could plant the folder or a file in it could plant keys, and forge tokens with them.
"""

import os
import shlex
import stat
from collections.abc import Iterable
from pathlib import Path

from mfa_tui.server.errors import FolderNotPrivateError

ACCESS_BY_OTHERS = 0o077
"""The permissions of the group and of others."""


def check(paths: Iterable[Path]) -> None:
    """Check the paths that exist. On Windows, where a user's folders are private by default, all are accepted.

    Raises:
        FolderNotPrivateError: One is a link, belongs to another user, or is open to other users.
        OSError: One cannot be examined.
    """
    if os.name != "posix":
        return
    for path in paths:
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        name = shlex.quote(str(path))
        if stat.S_ISLNK(status.st_mode):
            raise FolderNotPrivateError(path, "is a link", f"rm {name}")
        if status.st_uid != os.geteuid():
            raise FolderNotPrivateError(path, "belongs to another user", f"sudo chown {os.geteuid()} {name}")
        if status.st_mode & ACCESS_BY_OTHERS:
            raise FolderNotPrivateError(path, "is open to other users", f"chmod go= {name}")
