"""Opens the data folder and the database: creates both on the first start, and checks and upgrades them later.

The database and the key file are useless without each other, so neither is ever created if the other exists. On the
first start the keys are written under a temporary name before the database is committed, and renamed after it. If that
is interrupted at any point, the next start finds either nothing or both.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mfa_tui.atomic_file import DISK_FULL, remove_stale
from mfa_tui.redaction import Secret
from mfa_tui.server import private_folder, schema, signing_key
from mfa_tui.server.errors import (
    DatabaseDamagedError,
    DatabaseMissingError,
    DatabaseTooNewError,
    DiskFullError,
    EnvironmentDiffersError,
    FolderNotUsableError,
    KeyFileMissingError,
    KeyFileWrongError,
    PsycopgMissingError,
)
from mfa_tui.server.keys import DecryptionError, Keys
from mfa_tui.server.mail import MailServer
from mfa_tui.server.sqlite import SqliteStore
from mfa_tui.server.store import Clock, Store, Transaction


class Location(msgspec.Struct, frozen=True):
    """Where a service keeps its data, and where its mails go.

    Args:
        folder: The data folder, with the outbox, and with the database and the key file if they are not elsewhere.
        database_url: The URL of a PostgreSQL database.
        key_file: The key file. The group of its owner may read it.
        mail_server: A mail server, instead of the folder of mails.
    """

    folder: Path
    database_url: Secret | None = None
    key_file: Path | None = None
    mail_server: MailServer | None = None

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.folder / "mfa.sqlite3"

    @property
    def keys(self) -> Path:
        """The key file."""
        return self.key_file or self.folder / "keys.json"

    @property
    def new_keys(self) -> Path:
        """The key file's temporary name, until the new database is committed."""
        return self.keys.with_name(f"{self.keys.name}.new")

    @property
    def outbox(self) -> Path:
        """The folder of mails."""
        return self.folder / "outbox"

    @property
    def own_paths(self) -> tuple[Path, ...]:
        """The paths that must belong to this user alone, beside a key file elsewhere, which has its own rules."""
        database = self.database
        files = (database, database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm"))
        keys = () if self.key_file else (self.keys, self.new_keys)
        return (self.folder, self.outbox, *files, *keys)

    def read_keys(self, path: Path) -> Keys:
        """Return the keys in the file at `path`, which is the key file under one of its names.

        Raises:
            ServiceError: They cannot be used; the subclass says why.
            OSError: The file cannot be read.
        """
        return Keys.read(path, group_may_read=self.key_file is not None)


class _Environment(msgspec.Struct, frozen=True):
    """The row of the table `environment`."""

    id: str
    keys_fingerprint: bytes


class OpenedStore(msgspec.Struct, frozen=True):
    """An open database, with its keys and its environment."""

    store: Store
    keys: Keys
    signing_key: RSAPrivateKey
    environment_id: str

    @classmethod
    def open(cls, location: Location, environment_id: str | None = None, *, clock: Clock = time.time) -> Self:
        """Open a database and its data folder, or create them if they do not exist.

        Raises:
            ServiceError: They cannot be used; the subclass says why. Nothing was changed.
        """
        store = _store(location, clock)
        try:
            for folder in (location.folder, location.outbox):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            private_folder.check(location.own_paths)
            for folder in (location.folder, location.outbox):
                remove_stale(folder)
            keys, signs_tokens, found_id = store.prepare(
                lambda db, version: _prepare(location, store.name, db, version, environment_id)
            )
            if not location.keys.exists():
                _publish_new_keys(location)
        except OSError as error:
            if error.errno in DISK_FULL:
                raise DiskFullError(location.folder) from None
            raise FolderNotUsableError(location.folder, error.strerror or "it cannot be written") from None
        return cls(store, keys, signs_tokens, found_id)


def _store(location: Location, clock: Clock) -> Store:
    if location.database_url is None:
        return SqliteStore(location.database, clock)
    try:
        from mfa_tui.server.postgres import PostgresStore  # noqa: PLC0415 - psycopg, only if PostgreSQL is used
    except ImportError:
        raise PsycopgMissingError from None

    return PostgresStore(location.database_url, clock)


def _prepare(
    location: Location, name: str, db: Transaction, version: int, environment_id: str | None
) -> tuple[Keys, RSAPrivateKey, str]:
    """Create, or check and upgrade, the database of this name and version. Return its keys and environment."""
    if version == 0:
        return _create(location, name, db, environment_id)
    if version > schema.VERSION:
        raise DatabaseTooNewError(name)
    # This changes nothing: SQLite allows BEGIN IMMEDIATE on a read-only database, and fails only when something is
    # written.
    db.execute("UPDATE environment SET id = id")
    environment = db.fetch_one(_Environment, "SELECT id, keys_fingerprint FROM environment")
    if environment is None:
        raise DatabaseDamagedError(name)
    keys = _read_keys(location, environment.keys_fingerprint)
    if keys.fingerprint != environment.keys_fingerprint:
        raise KeyFileWrongError(location.keys)
    if environment_id not in {None, environment.id}:
        raise EnvironmentDiffersError(name, environment.id)
    _upgrade(db, version, keys)
    try:
        return keys, signing_key.read(db, keys), environment.id
    except (ValueError, DecryptionError):
        raise DatabaseDamagedError(name) from None


def _create(
    location: Location, name: str, db: Transaction, environment_id: str | None
) -> tuple[Keys, RSAPrivateKey, str]:
    if location.keys.exists():
        raise DatabaseMissingError(name, location.keys)
    keys, environment_id = Keys.generate(), environment_id or str(uuid4())
    keys.draft(location.new_keys).publish_durably()
    _upgrade(db, 0, keys)
    db.execute(
        "INSERT INTO environment (number, id, keys_fingerprint) VALUES (1, ?, ?)", environment_id, keys.fingerprint
    )
    return keys, signing_key.read(db, keys), environment_id


def _upgrade(db: Transaction, version: int, keys: Keys) -> None:
    """Change a database of this version, or an empty one, whose version is 0, to the current version."""
    for statements in schema.VERSIONS[version:]:
        for statement in statements:
            db.execute(statement)
    if version < schema.SIGNING_KEY_VERSION:
        signing_key.generate(db, keys)


def _read_keys(location: Location, fingerprint: bytes) -> Keys:
    with suppress(KeyFileMissingError):
        return location.read_keys(location.keys)
    # The first start was interrupted, or is in progress, between the commit and the renaming of the keys.
    with suppress(KeyFileMissingError):
        if location.read_keys(location.new_keys).fingerprint == fingerprint:
            _publish_new_keys(location)
    return location.read_keys(location.keys)


def _publish_new_keys(location: Location) -> None:
    try:
        location.new_keys.replace(location.keys)
    except FileNotFoundError:
        return  # another process has renamed it
