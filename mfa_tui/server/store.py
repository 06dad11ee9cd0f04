"""The SQLite database: connections and transactions.

A call is answered inside one transaction. Where that fails, the caller learns which of two things is true:
`RolledBackError`, it was rolled back; or `OutcomeUnknownError`, the disk failed in the middle of the commit.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

from mfa_tui.atomic_file import Draft

BUSY_SECONDS = 2.5
"""How long a transaction waits for another one, of this process or of a different one."""

_PRAGMAS = (
    "synchronous = FULL",  # an answered rotation survives a loss of power
    "fullfsync = ON",  # so on macOS too, whose fsync alone does not reach the disk
    "secure_delete = ON",  # what is deleted is overwritten
    "foreign_keys = ON",
    "trusted_schema = OFF",
)

Clock = Callable[[], float]
"""Gives the time in unix seconds."""

Row = tuple[Any, ...]


_NOT_OURS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}
"""What the disk or another program does to a database; any other error is a fault of this program."""


class RolledBackError(Exception):
    """The transaction failed and was rolled back: the disk is full, the database is locked or read-only."""


class ReadOnlyTransactionError(Exception):
    """A transaction that was begun for reading turned out to have to change something."""


class CommitUnknownError(Exception):
    """The disk failed in the middle of a commit: it may or may not have happened."""


class Transaction:
    """What can be done inside a transaction.

    Args:
        connection: The connection on which it was begun.
        now: The time for everything in it, in unix seconds.
        writable: Whether it may change anything.
    """

    def __init__(self, connection: sqlite3.Connection, now: float, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self.now = int(now)
        self._drafts: list[Draft] = []

    def first(self, statement: str, *values: object) -> Row | None:
        """Return the first row, or None."""
        row: Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def rows(self, statement: str, *values: object) -> list[Row]:
        """Return all rows."""
        return self._connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: object) -> int:
        """Run a statement and return how many rows it changed.

        Raises:
            ReadOnlyTransactionError: This transaction is for reading.
        """
        if not self._writable:
            raise ReadOnlyTransactionError
        return self._connection.execute(statement, values).rowcount

    def publish_after(self, draft: Draft) -> None:
        """Let a file appear once this is committed, and never if it is not."""
        self._drafts.append(draft)

    def committed(self) -> None:
        """Publish the drafts. The change stands already, so a name that the disk refuses undoes nothing."""
        for draft in self._drafts:
            with suppress(OSError):
                draft.publish()

    def rolled_back(self) -> None:
        """Discard the drafts."""
        for draft in self._drafts:
            with suppress(OSError):
                draft.discard()


class Store:
    """A pool of connections to one database, for use by any thread.

    Args:
        path: The database, which exists.
        clock: Gives the time.
        busy_seconds: How long a transaction waits for another one.
    """

    def __init__(self, path: Path, clock: Clock, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._path = path
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        # SQLite's own waiting polls with pauses of up to 100 ms; threads of one process queue here instead.
        self._writer = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Enter a transaction that sees one state of the database and changes nothing.

        Raises:
            RolledBackError: The database could not be read.
        """
        with self._transaction(writable=False) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Enter a transaction that no other change can come between.

        Raises:
            RolledBackError: It was rolled back.
            OutcomeUnknownError: It may have been committed.
        """
        if not self._writer.acquire(timeout=self._busy_seconds):
            raise RolledBackError
        try:
            with self._transaction(writable=True) as transaction:
                yield transaction
        finally:
            self._writer.release()
        # Not sooner: forcing files to disk takes as long as the rest of a transaction, and nobody need wait for it.
        transaction.committed()

    def close(self) -> None:
        """Close the idle connections; to be called when no transaction is open."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    @contextmanager
    def _transaction(self, *, writable: bool) -> Iterator[Transaction]:
        connection = self._connection()
        transaction: Transaction | None = None
        committing = False
        sound = False
        try:
            connection.execute("BEGIN IMMEDIATE" if writable else "BEGIN")
            transaction = Transaction(connection, self._clock(), writable=writable)
            yield transaction
            committing = True
            connection.execute("COMMIT")
            sound = True
        except sqlite3.DatabaseError as error:
            code = primary_code(error)
            if committing and code == sqlite3.SQLITE_IOERR:
                raise CommitUnknownError from None
            if code in _NOT_OURS:
                raise RolledBackError from None
            raise
        except OSError:  # a draft could not be written: files are drafted before the commit, and published after it
            raise RolledBackError from None
        finally:
            if not sound:
                sound = _rolled_back(connection)
                if transaction is not None:
                    transaction.rolled_back()
            if sound:
                self._idle.put(connection)
            else:
                connection.close()

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        try:
            return connect(self._path, self._busy_seconds)
        except sqlite3.Error:
            raise RolledBackError from None


def connect(path: Path, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Return a new connection to a database, set as every connection of the service must be.

    Raises:
        sqlite3.Error: The database cannot be opened.
    """
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def primary_code(error: sqlite3.Error) -> int:
    """Return the error's primary result code (https://www.sqlite.org/rescode.html), or -1 if it has none."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def _rolled_back(connection: sqlite3.Connection) -> bool:
    """Roll back what is open. False: it did not work, and closing the connection has to do it."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return True
