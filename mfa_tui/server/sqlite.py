"""The SQLite database: connections and transactions."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TypeVar

from mfa_tui.atomic_file import DISK_FULL, has_room
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.server.store import BUSY_TIMEOUT, Clock, CommitUnknownError, RolledBackError, Transaction

_PRAGMAS = (
    "synchronous = FULL",  # a confirmed rotation survives a loss of power
    "fullfsync = ON",  # also on macOS, whose fsync alone does not reach the disk
    "secure_delete = ON",  # deleted content is overwritten
    "foreign_keys = ON",
    "trusted_schema = OFF",
)

_EXTERNAL_FAILURES = {
    sqlite3.SQLITE_BUSY: ErrorCode.STORAGE_FAILED,
    sqlite3.SQLITE_LOCKED: ErrorCode.STORAGE_FAILED,
    sqlite3.SQLITE_FULL: ErrorCode.STORAGE_FULL,
    sqlite3.SQLITE_READONLY: ErrorCode.STORAGE_FAILED,
    sqlite3.SQLITE_IOERR: ErrorCode.STORAGE_FAILED,
    sqlite3.SQLITE_CANTOPEN: ErrorCode.STORAGE_FAILED,
    sqlite3.SQLITE_CORRUPT: ErrorCode.STORAGE_DAMAGED,
    sqlite3.SQLITE_NOTADB: ErrorCode.STORAGE_DAMAGED,
}
"""Errors caused by the disk or by another program. Any other error is a bug in this program."""

_T = TypeVar("_T")


class SqliteStore:
    """A thread-safe pool of connections to one SQLite database.

    Args:
        path: The database, which must exist.
        clock: Returns the time.
        busy_timeout: How long a transaction waits for another one, in seconds.
    """

    def __init__(self, path: Path, clock: Clock, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._path = path
        self._file_id = _file_id(path)
        self._clock = clock
        self._busy_timeout = busy_timeout
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        # SQLite waits by polling with pauses of up to 100 ms. Threads of one process wait for this lock instead.
        self._write_lock = threading.Lock()

    def read(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a read transaction."""
        with self._transaction(writable=False) as transaction:
            return work(transaction)

    def write(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a write transaction. SQLite runs one at a time."""
        if not self._write_lock.acquire(timeout=self._busy_timeout):
            raise RolledBackError
        try:
            with self._transaction(writable=True) as transaction:
                result = work(transaction)
        finally:
            self._write_lock.release()
        try:
            transaction.run_after_commit()
        except OSError as error:
            full = error.errno in DISK_FULL
            raise RolledBackError(ErrorCode.STORAGE_FULL if full else ErrorCode.STORAGE_FAILED) from None
        return result

    def close(self) -> None:
        """Close the idle connections."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    @contextmanager
    def _transaction(self, *, writable: bool) -> Iterator[Transaction]:
        connection = self._connection()
        committing = False
        finished = False
        try:
            connection.execute("BEGIN IMMEDIATE" if writable else "BEGIN")
            yield Transaction(connection.execute, self._clock(), writable=writable)
            self._check_file()
            committing = True
            connection.execute("COMMIT")
            finished = True
            self._check_file()
        except sqlite3.DatabaseError as error:
            code = primary_code(error)
            if committing and code == sqlite3.SQLITE_IOERR:
                raise CommitUnknownError from None
            if code in _EXTERNAL_FAILURES:
                raise self._rolled_back(code) from None
            raise
        finally:
            if not finished:
                finished = _roll_back(connection)
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
        except sqlite3.Error as error:
            raise self._rolled_back(primary_code(error)) from None

    def _check_file(self) -> None:
        """Check that the database is still the file of its name: what is stored in another one is lost.

        Raises:
            RolledBackError: The file was removed or replaced.
        """
        if _file_id(self._path) != self._file_id:
            raise RolledBackError(ErrorCode.STORAGE_MISSING)

    def _rolled_back(self, code: int) -> RolledBackError:
        if _file_id(self._path) != self._file_id:
            return RolledBackError(ErrorCode.STORAGE_MISSING)
        # On a full disk, SQLite reports that it cannot create or extend its other files.
        if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN} and not has_room(self._path.parent):
            return RolledBackError(ErrorCode.STORAGE_FULL)
        return RolledBackError(_EXTERNAL_FAILURES.get(code, ErrorCode.STORAGE_FAILED))


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


def _file_id(path: Path) -> tuple[int, int] | None:
    """Return what identifies the file of this name, or None if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


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
