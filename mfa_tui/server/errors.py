"""The errors of a service that cannot start with its data folder.

ServiceError
├── FolderNotUsableError       the folder cannot be created, read or written
├── FolderNotPrivateError      the folder or a file in it is a link, or not this user's alone
├── DatabaseLockedError        another program has locked the database
├── DatabaseReadOnlyError      the database may be read, not written
├── DatabaseDamagedError       it is truncated, or not a database at all
├── DatabaseMissingError       the key file exists, the database is missing or empty
├── DatabaseForeignError       the database belongs to another program
├── DatabaseTooNewError        a later version of this program created or upgraded it
├── DatabaseNotReachedError    no PostgreSQL server answers, or it refuses the connection
├── DatabaseUrlError           the database's URL is not one of PostgreSQL
├── ClockDiffersError          the clocks of this machine and of the database differ
├── PsycopgMissingError        the library for PostgreSQL is not installed
├── KeyFileMissingError        the database exists, the key file does not
├── KeyFileWrongError          the key file is damaged, or belongs to another database
├── KeyFileExposedError        other users of the machine can read the key file
├── DiskFullError              the disk is full
├── SqliteTooOldError          Python was built with a version of SQLite that is too old
├── EnvironmentDiffersError    the database belongs to another environment than the requested one
├── UserUnknownError           a user to reset does not exist
├── ResetFailedError           a user was not reset
└── ResetUnknownError          a user may have been reset
"""

from pathlib import Path

from mfa_tui.errors import ExitCode, MfaTuiError

_UNCHANGED = "No code was read, used or changed."


class ServiceError(MfaTuiError):
    """Base: the built-in service did not start, and changed nothing."""

    exit_code = ExitCode.NOT_REACHED


class FolderNotUsableError(ServiceError):
    """The data folder cannot be made, read or written."""

    exit_code = ExitCode.USAGE

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {folder} cannot be used: {reason}.",
            impact=_UNCHANGED,
            hint="Make it writable, or choose another data folder.",
        )


class FolderNotPrivateError(ServiceError):
    """The data folder, or a file in it, is a link, belongs to another user, or is open to other users."""

    def __init__(self, path: Path, problem: str, command: str) -> None:
        super().__init__(
            f"The data folder is not private: {path} {problem}.",
            impact="Another user may have read the codes, or could forge sign-ins. No code was used or changed.",
            hint=f"If its content is yours, run: {command}. Then start again and rotate the codes. "
            "Otherwise choose another data folder.",
        )


class DatabaseLockedError(ServiceError):
    """Another program holds the database for longer than the service waits."""

    def __init__(self, database: Path | str) -> None:
        super().__init__(
            f"The database {database} is locked by another program.",
            impact=_UNCHANGED,
            hint="Close the program that has it open (a backup, a database browser), then start again.",
        )


class DatabaseReadOnlyError(ServiceError):
    """The database may be read but not written, so no code could be used up."""

    def __init__(self, database: Path | str) -> None:
        super().__init__(
            f"The database {database} is read-only.",
            impact=_UNCHANGED,
            hint="Make the file and its folder writable, then start again.",
        )


class DatabaseDamagedError(ServiceError):
    """The database is truncated, or is not a database."""

    def __init__(self, database: Path | str) -> None:
        super().__init__(
            f"The database {database} is damaged: it is truncated, or not a database.",
            impact="Its codes cannot be read. Nothing was written to it.",
            hint="Restore it from a backup, with the key file of that backup.",
        )


class DatabaseMissingError(ServiceError):
    """The key file exists, but the database beside it is missing or empty."""

    def __init__(self, database: Path | str, keys: Path) -> None:
        super().__init__(
            f"The database {database} is missing or empty, but its key file exists.",
            impact="Its codes are not available. No new ones were created.",
            hint=f"Restore the database from a backup, or remove {keys} too to start without it.",
        )


class DatabaseForeignError(ServiceError):
    """The database belongs to another program."""

    def __init__(self, database: Path | str) -> None:
        super().__init__(
            f"The database {database} belongs to another program.",
            impact="It contains no codes. Nothing was written to it.",
            hint="Choose another data folder.",
        )


class DatabaseTooNewError(ServiceError):
    """A later version of this program created the database."""

    def __init__(self, database: Path | str) -> None:
        super().__init__(
            f"The database {database} was created by a later version of mfa-tui.",
            impact=_UNCHANGED,
            hint="Install that version or a later one, then start again.",
        )


class DatabaseNotReachedError(ServiceError):
    """No PostgreSQL server that accepts changes can be reached."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(
            f"The database {database} cannot be reached: {reason}.",
            impact=_UNCHANGED,
            hint="Check its URL, user and password, and that its primary server is running.",
        )


class DatabaseUrlError(ServiceError):
    """The database's URL is not one of PostgreSQL. Its text may contain a password, so it is not shown."""

    exit_code = ExitCode.USAGE

    def __init__(self) -> None:
        super().__init__(
            "The URL of the database is not one of PostgreSQL.",
            impact=_UNCHANGED,
            hint="Give it as postgresql://USER@HOST/DATABASE, with several hosts as HOST1,HOST2.",
        )


class ClockDiffersError(ServiceError):
    """The clocks of this machine and of the database differ by more than codes and sessions allow."""

    def __init__(self, database: str, seconds: float) -> None:
        super().__init__(
            f"The clock of this machine and that of the database {database} differ by {seconds:.0f} s.",
            impact=_UNCHANGED,
            hint="Set both from the network (NTP), then start again.",
        )


class PsycopgMissingError(ServiceError):
    """The library for PostgreSQL is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "The library for PostgreSQL is not installed.",
            impact=_UNCHANGED,
            hint="Install mfa-tui with its extra: pip install 'mfa-tui[postgres]'.",
        )


class KeyFileMissingError(ServiceError):
    """The database exists, but the keys that decrypt its codes do not."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            f"The key file {keys} is missing.",
            impact="Without it the stored codes cannot be read or checked. "
            "No code was lost or used, and no new key was created.",
            hint="Restore the key file from a backup, or copy it from another machine of the service. Without it the "
            "codes are lost: move the database away to start without them.",
        )


class KeyFileWrongError(ServiceError):
    """The key file is damaged, or belongs to another database."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            f"The key file {keys} is damaged or belongs to another database.",
            impact="With it the stored codes cannot be read or checked. No code was lost or used.",
            hint="Restore the key file that belongs to this database.",
        )


class KeyFileExposedError(ServiceError):
    """Other users of the machine can read or write the key file."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            f"Other users of this machine can read or write the key file {keys}.",
            impact="They could have read the codes, if they can also read the database. No code was used or changed.",
            hint=f"Run: chmod 600 '{keys}'. Then start again and rotate the codes.",
        )


class DiskFullError(ServiceError):
    """The disk is full."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk that holds {folder} is full.",
            impact=_UNCHANGED,
            hint="Free some space, then start again.",
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

    def __init__(self, database: Path | str, environment_id: str) -> None:
        super().__init__(
            f"The database {database} belongs to environment {environment_id}, not to the requested one.",
            impact=_UNCHANGED,
            hint="Request that environment or none, or choose another data folder or database.",
        )


class UserUnknownError(ServiceError):
    """The service has no user with this address."""

    exit_code = ExitCode.REFUSED

    def __init__(self) -> None:
        super().__init__(
            "The service has no user with this address.",
            impact="Nothing was changed.",
            hint="Check the address, and the --data-dir or --database-url.",
        )


class ResetFailedError(ServiceError):
    """The database could not be read or written, so a user was not reset."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The database {database} could not be read or written.",
            impact="Nothing was changed.",
            hint="Check its disk and its server, then run the command again.",
        )


class ResetUnknownError(ServiceError):
    """The commit failed in a way that leaves it unknown if a user was reset."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The database {database} did not confirm the reset.",
            impact="The user may have been reset, or not at all.",
            hint="Run the command again: a second reset does no harm before the user signs in.",
        )
