"""Opens the data folder: creates the database and the key file on the first start, and checks and upgrades them later.

Each is useless without the other, so neither is ever created if the other exists. On the first start the keys are
written under a temporary name before the database is committed, and renamed after it. If that is interrupted at any
point, the next start finds either nothing or both.
"""

import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

from mfa_tui.atomic_file import DISK_FULL, has_room, remove_stale, sync_folder
from mfa_tui.server import schema
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
from mfa_tui.server.sqlite import connect, primary_code
from mfa_tui.server.store import BUSY_TIMEOUT, Transaction

_MIN_SQLITE = (3, 37)
"""The first version with STRICT tables (https://www.sqlite.org/stricttables.html)."""

_RETRY_SECONDS = 0.005


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
        """The key file's temporary name, until the new database is committed."""
        return self.path / "keys.json.new"

    @property
    def outbox(self) -> Path:
        """The folder of mails."""
        return self.path / "outbox"


@dataclass(frozen=True)
class _Environment:
    """The row of the table `environment`."""

    id: str
    keys_fingerprint: bytes


@dataclass(frozen=True)
class OpenedStore:
    """The content of an open data folder: the keys, and the environment of the database."""

    keys: Keys
    environment_id: str

    @classmethod
    def open(cls, folder: DataFolder, environment_id: str | None = None) -> Self:
        """Open a data folder, or create it if it does not exist.

        Raises:
            ServiceError: It cannot be used; the subclass says why. Nothing was changed.
        """
        if sqlite3.sqlite_version_info < _MIN_SQLITE:
            raise SqliteTooOldError(sqlite3.sqlite_version)
        try:
            folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.outbox.mkdir(mode=0o700, exist_ok=True)
            folder.database.touch(mode=0o600)
            for subfolder in (folder.path, folder.outbox):
                remove_stale(subfolder)
            with closing(connect(folder.database)) as connection:
                return cls._open(folder, connection, environment_id)
        except OSError as error:
            if error.errno in DISK_FULL:
                raise DiskFullError(folder.path) from None
            raise FolderNotUsableError(folder.path, error.strerror or "it cannot be written") from None
        except sqlite3.DatabaseError as error:
            raise _service_error(folder, error) from None

    @classmethod
    def _open(cls, folder: DataFolder, connection: sqlite3.Connection, environment_id: str | None) -> Self:
        # The write lock serializes concurrent first starts and upgrades.
        connection.execute("BEGIN IMMEDIATE")
        try:
            db = Transaction(connection.execute, time.time(), writable=True)
            (version,) = db.fetch_column(int, "PRAGMA user_version")
            if db.exists("SELECT 1 FROM sqlite_schema"):
                opened = cls._load(folder, db, version, environment_id)
            else:
                opened = cls._create(folder, db, environment_id)
            if version < schema.VERSION:
                connection.execute("COMMIT")
                _publish_new_keys(folder)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        _switch_to_wal(connection)
        return opened

    @classmethod
    def _create(cls, folder: DataFolder, db: Transaction, environment_id: str | None) -> Self:
        if folder.keys.exists():
            raise DatabaseMissingError(folder.database, folder.keys)
        opened = cls(Keys.generate(), environment_id or str(uuid4()))
        opened.keys.draft(folder.new_keys).publish_durably()
        _upgrade(db, 0)
        db.execute(
            "INSERT INTO environment (number, id, keys_fingerprint) VALUES (1, ?, ?)",
            opened.environment_id,
            opened.keys.fingerprint,
        )
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        return opened

    @classmethod
    def _load(cls, folder: DataFolder, db: Transaction, version: int, environment_id: str | None) -> Self:
        if db.fetch_column(int, "PRAGMA application_id") != [schema.APPLICATION_ID]:
            raise DatabaseForeignError(folder.database)
        if version > schema.VERSION:
            raise DatabaseTooNewError(folder.database)
        # This changes nothing: SQLite allows BEGIN IMMEDIATE on a read-only database, and fails only when something is
        # written.
        db.execute("UPDATE environment SET id = id")
        environment = db.fetch_one(_Environment, "SELECT id, keys_fingerprint FROM environment")
        if environment is None:
            raise DatabaseDamagedError(folder.database)
        keys = _read_keys(folder, environment.keys_fingerprint)
        if keys.fingerprint != environment.keys_fingerprint:
            raise KeyFileWrongError(folder.keys)
        if environment_id not in {None, environment.id}:
            raise EnvironmentDiffersError(folder.database, environment.id)
        if version < schema.VERSION:
            _upgrade(db, version)
        return cls(keys, environment.id)


def _upgrade(db: Transaction, version: int) -> None:
    """Change a database of this version, or an empty one, whose version is 0, to the current version."""
    for statements in schema.VERSIONS[version:]:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {schema.VERSION}")


def _read_keys(folder: DataFolder, fingerprint: bytes) -> Keys:
    with suppress(KeyFileMissingError):
        return Keys.read(folder.keys)
    # The first start was interrupted, or is in progress, between the commit and the renaming of the keys.
    with suppress(KeyFileMissingError):
        if Keys.read(folder.new_keys).fingerprint == fingerprint:
            _publish_new_keys(folder)
    return Keys.read(folder.keys)


def _publish_new_keys(folder: DataFolder) -> None:
    try:
        folder.new_keys.replace(folder.keys)
    except FileNotFoundError:
        return  # another process has renamed it
    sync_folder(folder.path)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The mode is stored in the database. Changing it requires exclusive access, for which SQLite does not wait.
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _service_error(folder: DataFolder, error: sqlite3.Error) -> ServiceError:
    match primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseLockedError(folder.database)
        case sqlite3.SQLITE_READONLY:
            return DatabaseReadOnlyError(folder.database)
        case sqlite3.SQLITE_FULL:
            return DiskFullError(folder.path)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if not has_room(folder.path):
            return DiskFullError(folder.path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:  # SQLITE_ERROR: a table is missing
            return DatabaseDamagedError(folder.database)
        case _:
            return FolderNotUsableError(folder.path, "the database cannot be opened or written")
