"""The errors of a service that cannot start with its data folder.

ServiceError
├── FolderNotUsableError       the folder cannot be created, read or written
├── DatabaseLockedError        another program has locked the database
├── DatabaseReadOnlyError      the database may be read, not written
├── DatabaseDamagedError       it is truncated, or not a database at all
├── DatabaseMissingError       the key file exists, the database is missing or empty
├── DatabaseForeignError       the database belongs to another program
├── DatabaseTooNewError        a later version of this program created it
├── KeyFileMissingError        the database exists, the key file does not
├── KeyFileWrongError          the key file is damaged, or belongs to another database
├── KeyFileExposedError        other users of the machine can read the key file
├── DiskFullError              the disk is full
├── SqliteTooOldError          Python was built with a version of SQLite that is too old
└── EnvironmentDiffersError    the database belongs to another environment than the requested one
"""

from pathlib import Path
from typing import ClassVar

from mfa_tui.errors import ExitCode, MfaTuiError

_UNCHANGED = "No code was read, spent or changed."


class ServiceError(MfaTuiError):
    """Base: the built-in service did not start, and changed nothing."""

    exit_code: ClassVar[ExitCode] = ExitCode.NOT_REACHED


class FolderNotUsableError(ServiceError):
    """The data folder cannot be made, read or written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {folder} cannot be used: {reason}.",
            impact=_UNCHANGED,
            hint="Give yourself the right to write to it, or name another data folder.",
        )


class DatabaseLockedError(ServiceError):
    """Another program holds the database for longer than the service waits."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} is locked by another program.",
            impact=_UNCHANGED,
            hint="Close what has it open (a backup, a database browser), then start again.",
        )


class DatabaseReadOnlyError(ServiceError):
    """The database may be read but not written, so no code could be used up."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} is read-only.",
            impact=_UNCHANGED,
            hint="Make the file and its folder writable for yourself, then start again.",
        )


class DatabaseDamagedError(ServiceError):
    """The database is truncated, or is not a database."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} is damaged: it is truncated, or not a database.",
            impact="The codes in it cannot be read; nothing was written to it.",
            hint="Put it back from a backup, with the key file that was saved beside it.",
        )


class DatabaseMissingError(ServiceError):
    """The key file exists, but the database beside it is missing or empty."""

    def __init__(self, database: Path, keys: Path) -> None:
        super().__init__(
            f"The database {database} is gone or empty, though its key file is there.",
            impact="The codes that were in it are not here; no new ones were made in their place.",
            hint=f"Put the database back from a backup, or, to begin anew without it, remove {keys} as well.",
        )


class DatabaseForeignError(ServiceError):
    """The database belongs to another program."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} belongs to another program.",
            impact="There are no codes in it; nothing was written to it.",
            hint="Name another data folder.",
        )


class DatabaseTooNewError(ServiceError):
    """A later version of this program made the database."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} was made by a later version of mfa-tui.",
            impact=_UNCHANGED,
            hint="Install that version or a later one, then start again.",
        )


class KeyFileMissingError(ServiceError):
    """The database exists, but the keys that decrypt its codes do not."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            f"The key file {keys} is missing.",
            impact="Without it the stored codes cannot be read or checked. "
            "None was lost or spent, and no new key was made.",
            hint="Put the key file back from a backup. Without a backup the codes are lost: "
            "move the database away to begin anew.",
        )


class KeyFileWrongError(ServiceError):
    """The key file is damaged, or belongs to another database."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            f"The key file {keys} is damaged or belongs to another database.",
            impact="With it the stored codes cannot be read or checked; none was lost or spent.",
            hint="Put back the key file that was saved with this database.",
        )


class KeyFileExposedError(ServiceError):
    """Other users of the machine can read or write the key file."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            f"Other users of this machine can read or write the key file {keys}.",
            impact="They could have read the codes, if they can also read the database; no code was used or changed.",
            hint=f"Run: chmod 600 '{keys}'. Then start again and make new codes.",
        )


class DiskFullError(ServiceError):
    """The disk is full."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk that holds {folder} is full.",
            impact=_UNCHANGED,
            hint="Make room, then start again.",
        )


class SqliteTooOldError(ServiceError):
    """Python was built with a version of SQLite that is too old."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"This Python has SQLite {version}; the service needs 3.37 or later.",
            impact=_UNCHANGED,
            hint="Run mfa-tui with another Python.",
        )


class EnvironmentDiffersError(ServiceError):
    """The database belongs to an environment other than the requested one."""

    def __init__(self, database: Path, environment_id: str) -> None:
        super().__init__(
            f"The database {database} belongs to environment {environment_id}, not to the one asked for.",
            impact=_UNCHANGED,
            hint="Ask for that environment, for none, or name another data folder.",
        )
