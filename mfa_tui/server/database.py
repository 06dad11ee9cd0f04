"""Opening the data folder: the database and the key file, made together once, and checked at every start.

The two are useless without each other, so neither is ever made anew beside the other. On the first start the
keys are on disk under a passing name before the database is committed, and take their own name after it: at
whatever point that is cut off, the next start finds nothing, or both.
"""

import errno
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mfa_tui.atomic_file import remove_stale, sync_folder
from mfa_tui.server import schema
from mfa_tui.server.entropy import Entropy
from mfa_tui.server.errors import (
    DatabaseDamagedError,
    DatabaseForeignError,
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DatabaseTooNewError,
    DiskFullError,
    EnvironmentDiffersError,
    FolderNotUsableError,
    KeyFileMissingError,
    KeyFileWrongError,
    ServiceError,
    SqliteTooOldError,
)
from mfa_tui.server.keys import Keys
from mfa_tui.server.store import BUSY_SECONDS, connect, primary_code

_OLDEST_SQLITE = (3, 37)
"""The first with STRICT tables (https://www.sqlite.org/stricttables.html)."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PAUSE_SECONDS = 0.005


@dataclass(frozen=True)
class DataFolder:
    """The paths of a data folder's files."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.path / "mfa.sqlite3"

    @property
    def keys(self) -> Path:
        """The key file."""
        return self.path / "keys.json"

    @property
    def new_keys(self) -> Path:
        """The key file, until the database made with it is committed."""
        return self.path / "keys.json.new"

    @property
    def outbox(self) -> Path:
        """The folder into which mails are put."""
        return self.path / "outbox"


@dataclass(frozen=True)
class OpenedStore:
    """What a data folder holds: the keys, and the environment that the database belongs to."""

    keys: Keys
    environment_id: str

    @classmethod
    def at(cls, folder: DataFolder, entropy: Entropy, environment_id: str | None) -> Self:
        """Open a data folder, or make it where there is none.

        Raises:
            ServiceError: The subclass says why it cannot be used. Nothing was changed.
        """
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise SqliteTooOldError(sqlite3.sqlite_version)
        try:
            folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.outbox.mkdir(mode=0o700, exist_ok=True)
            folder.database.touch(mode=0o600)
            for drafted in (folder.path, folder.outbox):
                remove_stale(drafted)
            with closing(connect(folder.database)) as connection:
                return cls._checked(folder, connection, entropy, environment_id)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise DiskFullError(folder.path) from None
            raise FolderNotUsableError(folder.path, error.strerror or "it cannot be written") from None
        except sqlite3.DatabaseError as error:
            raise _reason(folder, error) from None

    @classmethod
    def _checked(
        cls, folder: DataFolder, connection: sqlite3.Connection, entropy: Entropy, environment_id: str | None
    ) -> Self:
        # Taking the write lock keeps two first starts apart.
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _is_empty(connection):
                opened = cls._made(folder, connection, entropy, environment_id)
            else:
                opened = cls._read(folder, connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        if environment_id not in {None, opened.environment_id}:
            raise EnvironmentDiffersError(folder.database, opened.environment_id)
        _switch_to_wal(connection)
        return opened

    @classmethod
    def _made(
        cls, folder: DataFolder, connection: sqlite3.Connection, entropy: Entropy, environment_id: str | None
    ) -> Self:
        if folder.keys.exists():
            raise DatabaseMissingError(folder.database, folder.keys)
        opened = cls(Keys.new(entropy), environment_id or entropy.uuid())
        opened.keys.draft(folder.new_keys).publish_durably()
        for statement in schema.STATEMENTS:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO environment (only, id, keys_fingerprint) VALUES (1, ?, ?)",
            (opened.environment_id, opened.keys.fingerprint),
        )
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        connection.execute("COMMIT")
        _settle_new_keys(folder)
        return opened

    @classmethod
    def _read(cls, folder: DataFolder, connection: sqlite3.Connection) -> Self:
        if connection.execute("PRAGMA application_id").fetchone() != (schema.APPLICATION_ID,):
            raise DatabaseForeignError(folder.database)
        if connection.execute("PRAGMA user_version").fetchone()[0] > schema.VERSION:
            raise DatabaseTooNewError(folder.database)
        # Changes nothing, and is rolled back: SQLite begins a writing transaction even on a read-only database, and
        # says no only here.
        connection.execute("UPDATE environment SET only = only")
        row = connection.execute("SELECT id, keys_fingerprint FROM environment").fetchone()
        if row is None:
            raise DatabaseDamagedError(folder.database)
        environment_id, fingerprint = row
        try:
            keys = Keys.read(folder.keys)
        except KeyFileMissingError:
            # The first start was cut off, or is just now, between the commit and giving the keys their name.
            if not folder.new_keys.exists() or Keys.read(folder.new_keys).fingerprint != fingerprint:
                raise
            _settle_new_keys(folder)
            keys = Keys.read(folder.keys)
        if keys.fingerprint != fingerprint:
            raise KeyFileWrongError(folder.keys)
        return cls(keys, environment_id)


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def _settle_new_keys(folder: DataFolder) -> None:
    try:
        folder.new_keys.replace(folder.keys)
    except FileNotFoundError:
        return  # another process did it first
    sync_folder(folder.path)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The mode is kept in the database; the switch needs it alone, and does not wait for that by itself.
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _reason(folder: DataFolder, error: sqlite3.Error) -> ServiceError:
    match primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseLockedError(folder.database)
        case sqlite3.SQLITE_READONLY:
            return DatabaseReadOnlyError(folder.database)
        case sqlite3.SQLITE_FULL:
            return DiskFullError(folder.path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:  # the last: a table is not there
            return DatabaseDamagedError(folder.database)
        case _:
            return FolderNotUsableError(folder.path, "the database cannot be opened or written")
