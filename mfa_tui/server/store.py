"""The SQLite database: connections, transactions and typed rows.

Each request is handled inside one transaction. If it fails, one of two errors says how: `RolledBackError` if nothing
was changed, `CommitUnknownError` if the disk failed during the commit.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TypeVar

import msgspec

from mfa_tui.atomic_file import StagedFile

BUSY_TIMEOUT = 2.5
"""How long a transaction waits for another one, of this process or of another, in seconds."""

_PRAGMAS = (
    "synchronous = FULL",  # a confirmed rotation survives a loss of power
    "fullfsync = ON",  # also on macOS, whose fsync alone does not reach the disk
    "secure_delete = ON",  # deleted content is overwritten
    "foreign_keys = ON",
    "trusted_schema = OFF",
)

Clock = Callable[[], float]
"""Returns the time in unix seconds."""

_T = TypeVar("_T")

_EXTERNAL_FAILURES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}
"""Errors caused by the disk or by another program. Any other error is a bug in this program."""


class RolledBackError(Exception):
    """The transaction was rolled back, for example because the disk is full or the database is locked."""


class ReadOnlyTransactionError(Exception):
    """A read transaction attempted a change."""


class CommitUnknownError(Exception):
    """The disk failed during a commit, so it is unknown if the change was stored."""


class Transaction:
    """A transaction in progress.

    Args:
        connection: The connection on which it was started.
        now: The time of everything that it does, in unix seconds.
        writable: Whether it may change anything.
    """

    def __init__(self, connection: sqlite3.Connection, now: float, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self.now = int(now)
        self._drafts: list[StagedFile] = []

    def fetch_one(self, row_type: type[_T], statement: str, *values: object) -> _T | None:
        """Return the first row, or None if there is no row."""
        rows = fetch_all(self._connection, row_type, statement, *values)
        return rows[0] if rows else None

    def fetch_all(self, row_type: type[_T], statement: str, *values: object) -> list[_T]:
        """Return all rows, each as a `row_type` whose fields have the names of the columns."""
        return fetch_all(self._connection, row_type, statement, *values)

    def fetch_column(self, value_type: type[_T], statement: str, *values: object) -> list[_T]:
        """Return the values of the first column of all rows."""
        return fetch_column(self._connection, value_type, statement, *values)

    def exists(self, statement: str, *values: object) -> bool:
        """Return whether a query finds a row."""
        return self._connection.execute(statement, values).fetchone() is not None

    def execute(self, statement: str, *values: object) -> int:
        """Run a statement that changes something, and return how many rows it changed.

        Raises:
            ReadOnlyTransactionError: This is a read transaction.
        """
        if not self._writable:
            raise ReadOnlyTransactionError
        return self._connection.execute(statement, values).rowcount

    def publish_on_commit(self, draft: StagedFile) -> None:
        """Publish a file when the transaction is committed; discard it if it is rolled back."""
        self._drafts.append(draft)

    def publish_drafts(self) -> None:
        """Publish the files. The change is stored already, so a file that the disk refuses undoes nothing."""
        for draft in self._drafts:
            with suppress(OSError):
                draft.publish()

    def discard_drafts(self) -> None:
        """Discard the files."""
        for draft in self._drafts:
            with suppress(OSError):
                draft.discard()


class Store:
    """A thread-safe pool of connections to one database.

    Args:
        path: The database, which must exist.
        clock: Returns the time.
        busy_timeout: How long a transaction waits for another one, in seconds.
    """

    def __init__(self, path: Path, clock: Clock, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._path = path
        self._clock = clock
        self._busy_timeout = busy_timeout
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        # SQLite waits by polling with pauses of up to 100 ms. Threads of one process wait for this lock instead.
        self._write_lock = threading.Lock()

    @contextmanager
    def read_transaction(self) -> Iterator[Transaction]:
        """Enter a transaction that reads one consistent state of the database.

        Raises:
            RolledBackError: The database could not be read.
        """
        with self._transaction(writable=False) as transaction:
            yield transaction

    @contextmanager
    def write_transaction(self) -> Iterator[Transaction]:
        """Enter a transaction during which no other one changes the database.

        Raises:
            RolledBackError: It was rolled back.
            CommitUnknownError: It may have been committed.
        """
        if not self._write_lock.acquire(timeout=self._busy_timeout):
            raise RolledBackError
        try:
            with self._transaction(writable=True) as transaction:
                yield transaction
        finally:
            self._write_lock.release()
        # After the release: forcing files to disk takes as long as the rest of a transaction and needs no lock.
        transaction.publish_drafts()

    def close(self) -> None:
        """Close the idle connections. Call it when no transaction is open."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    @contextmanager
    def _transaction(self, *, writable: bool) -> Iterator[Transaction]:
        connection = self._connection()
        transaction: Transaction | None = None
        committing = False
        finished = False
        try:
            connection.execute("BEGIN IMMEDIATE" if writable else "BEGIN")
            transaction = Transaction(connection, self._clock(), writable=writable)
            yield transaction
            committing = True
            connection.execute("COMMIT")
            finished = True
        except sqlite3.DatabaseError as error:
            code = primary_code(error)
            if committing and code == sqlite3.SQLITE_IOERR:
                raise CommitUnknownError from None
            if code in _EXTERNAL_FAILURES:
                raise RolledBackError from None
            raise
        except OSError:  # a draft could not be written; drafts are written before the commit and published after it
            raise RolledBackError from None
        finally:
            if not finished:
                finished = _roll_back(connection)
                if transaction is not None:
                    transaction.discard_drafts()
            if finished:
                self._idle.put(connection)
            else:
                connection.close()

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        try:
            return connect(self._path, self._busy_timeout)
        except sqlite3.Error:
            raise RolledBackError from None


def connect(path: Path, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """Return a new connection to a database, with the settings that every connection of the service needs.

    Raises:
        sqlite3.Error: The database cannot be opened.
    """
    connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def fetch_all(connection: sqlite3.Connection, row_type: type[_T], statement: str, *values: object) -> list[_T]:
    """Return all rows of a query, each as a `row_type` whose fields have the names of the columns."""
    cursor = connection.execute(statement, values)
    names = [column[0] for column in cursor.description]
    # Not strict: SQLite stores a boolean as 0 or 1.
    return [msgspec.convert(dict(zip(names, row, strict=True)), row_type, strict=False) for row in cursor]


def fetch_column(connection: sqlite3.Connection, value_type: type[_T], statement: str, *values: object) -> list[_T]:
    """Return the values of the first column of a query."""
    return [msgspec.convert(row[0], value_type) for row in connection.execute(statement, values)]


def primary_code(error: sqlite3.Error) -> int:
    """Return the error's primary result code (https://www.sqlite.org/rescode.html), or -1 if it has none."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def _roll_back(connection: sqlite3.Connection) -> bool:
    """Roll back an open transaction. Return False if that failed; closing the connection rolls it back then."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return True
