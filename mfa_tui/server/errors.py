"""Why the embedded service cannot run on its data folder.

ServiceError
├── FolderNotUsable       the folder cannot be made, read or written
├── DatabaseLocked        another program holds the database
├── DatabaseReadOnly      the database may be read, not written
├── DatabaseDamaged       it is truncated, or not a database at all
├── DatabaseMissing       the key file is there, the database is gone or empty
├── DatabaseForeign       it is a database, of some other program
├── DatabaseTooNew        a later version of this program made it
├── KeyFileMissing        the database is there, the key file is not
├── KeyFileWrong          the key file is damaged, or belongs to another database
├── KeyFileExposed        other users of the machine can read the key file
├── DiskFull              there is no room left
├── SqliteTooOld          Python was built with an SQLite that cannot hold the database
└── EnvironmentDiffers    the database belongs to another environment than the one asked for
"""

from pathlib import Path
from typing import ClassVar

from mfa_tui.errors import ExitCode, MfaTuiError

_UNCHANGED = "No code was read, spent or changed."


class ServiceError(MfaTuiError):
    """Base: the embedded service did not start, and changed nothing."""

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
    """The database may be read, but not written: a code could not be spent."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} is read-only.",
            impact=_UNCHANGED,
            hint="Make the file and its folder writable for yourself, then start again.",
        )


class DatabaseDamagedError(ServiceError):
    """The database is truncated, or something else stands in its place."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The database {database} is damaged: it is truncated, or not a database.",
            impact="The codes in it cannot be read; nothing was written to it.",
            hint="Put it back from a backup, with the key file that was saved beside it.",
        )


class DatabaseMissingError(ServiceError):
    """The key file is there, but the database beside it is gone or empty."""

    def __init__(self, database: Path, keys: Path) -> None:
        super().__init__(
            f"The database {database} is gone or empty, though its key file is there.",
            impact="The codes that were in it are not here; no new ones were made in their place.",
            hint=f"Put the database back from a backup, or, to begin anew without it, remove {keys} as well.",
        )


class DatabaseForeignError(ServiceError):
    """It is a sound database, but not one of this program's."""

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
    """The database is there, but the keys that open the codes in it are not."""

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
    """There is no room left for what the service must write."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk that holds {folder} is full.",
            impact=_UNCHANGED,
            hint="Make room, then start again.",
        )


class SqliteTooOldError(ServiceError):
    """Python was built with an SQLite that cannot hold the database."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"This Python has SQLite {version}; the service needs 3.37 or later.",
            impact=_UNCHANGED,
            hint="Run mfa-tui with another Python.",
        )


class EnvironmentDiffersError(ServiceError):
    """The database belongs to another environment than the one asked for."""

    def __init__(self, database: Path, environment_id: str) -> None:
        super().__init__(
            f"The database {database} belongs to environment {environment_id}, not to the one asked for.",
            impact=_UNCHANGED,
            hint="Ask for that environment, for none, or name another data folder.",
        )
