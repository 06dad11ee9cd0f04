"""The SQLite database: its transactions."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TypeVar

from mfa_tui.atomic_file import has_room
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.server import schema
from mfa_tui.server.errors import (
    DatabaseDamagedError,
    DatabaseForeignError,
    DatabaseLockedError,
    DatabaseReadOnlyError,
    DiskFullError,
    FolderNotUsableError,
    ServiceError,
    SqliteTooOldError,
)
from mfa_tui.server.group_commit import GroupCommit, Job
from mfa_tui.server.sqlite_connection import connect, primary_code, roll_back, run_statement, switch_to_wal
from mfa_tui.server.store import BUSY_TIMEOUT, Clock, CommitUnknownError, RolledBackError, Transaction

_MIN_SQLITE = (3, 37)
"""The first version with STRICT tables (https://www.sqlite.org/stricttables.html)."""

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
        path: The database; `prepare` creates it.
        clock: Returns the time.
        busy_timeout: How long a transaction waits for another one, in seconds.

    Raises:
        SqliteTooOldError: Python has a version of SQLite that is too old.
    """

    readers = 2
    """Python runs one at a time, so two are enough: one may wait for the disk."""

    writers = 8
    """So many transactions share a commit."""

    def __init__(self, path: Path, clock: Clock, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        if sqlite3.sqlite_version_info < _MIN_SQLITE:
            raise SqliteTooOldError(sqlite3.sqlite_version)
        self._path = path
        self.name = str(path)
        self._file_id = _file_id(path)
        self._clock = clock
        self._busy_timeout = busy_timeout
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        # SQLite waits by polling with pauses of up to 100 ms. Threads of one process wait for each other instead.
        self._writes = GroupCommit(self._write, busy_timeout)

    def prepare(self, work: Callable[[Transaction, int], _T]) -> _T:
        """Run `work` with the version of the database, which is created if it does not exist.

        Raises:
            DatabaseForeignError: It belongs to another program.
            ServiceError: It cannot be opened or written; the subclass says why.
            OSError: It cannot be created.
        """
        # An existing file is not opened: closing it would release the locks that another store of this process has on
        # it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
        with suppress(FileExistsError):
            self._path.touch(mode=0o600, exist_ok=False)
        try:
            with closing(connect(self._path, self._busy_timeout)) as connection:
                result = self._prepare(connection, work)
                switch_to_wal(connection, self._busy_timeout)
        except sqlite3.DatabaseError as error:
            raise _service_error(self._path, error) from None
        self._file_id = _file_id(self._path)
        return result

    def _prepare(self, connection: sqlite3.Connection, work: Callable[[Transaction, int], _T]) -> _T:
        # The write lock serializes concurrent first starts and upgrades.
        connection.execute("BEGIN IMMEDIATE")
        try:
            db = Transaction(partial(run_statement, connection), self._clock(), writable=True)
            is_empty = not db.exists("SELECT 1 FROM sqlite_schema")
            if not is_empty and db.fetch_column(int, "PRAGMA application_id") != [schema.APPLICATION_ID]:
                raise DatabaseForeignError(self._path)
            (version,) = db.fetch_column(int, "PRAGMA user_version")
            result = work(db, version)
            if version < schema.VERSION:
                db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {schema.VERSION}")
                connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return result

    def check(self) -> None:
        """Check that the database can be read."""
        self.read(lambda db: db.exists("SELECT id FROM environment"))

    def read(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a read transaction."""
        with self._transaction("BEGIN") as run:
            return work(Transaction(run, self._clock(), writable=False))

    def write(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a write transaction. SQLite runs one at a time; those that wait share the next commit."""
        return self._writes.submit(work)

    def _write(self, jobs: list[Job[object]]) -> None:
        """Run some jobs, each as if it were alone, in one transaction."""
        running = True
        try:
            with self._transaction("BEGIN IMMEDIATE") as run:
                for job in jobs:
                    self._run_job(job, run)
                running = False
        except (sqlite3.Error, RolledBackError, CommitUnknownError) as error:
            if running and len(jobs) > 1:
                for job in jobs:  # one of them failed, and must not fail the others
                    job.error = None
                    self._write([job])
                return
            for job in jobs:
                job.error = job.error or error

    def _run_job(self, job: Job[object], run: Callable[[str, Sequence[object]], sqlite3.Cursor]) -> None:
        """Run a job. An error of its own undoes what it did; one of the database ends the transaction."""
        run("SAVEPOINT job", ())
        try:
            job.run(Transaction(run, self._clock(), writable=True))
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for the job
            job.error = error
            run("ROLLBACK TO job", ())
        run("RELEASE job", ())

    def close(self) -> None:
        """Close the idle connections."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Callable[[str, Sequence[object]], sqlite3.Cursor]]:
        connection = self._connection()
        committing = False
        finished = False
        try:
            connection.execute(begin)
            yield partial(run_statement, connection)
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
                finished = roll_back(connection)
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


def _file_id(path: Path) -> tuple[int, int] | None:
    """Return what identifies the file of this name, or None if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _service_error(database: Path, error: sqlite3.Error) -> ServiceError:
    match primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseLockedError(database)
        case sqlite3.SQLITE_READONLY:
            return DatabaseReadOnlyError(database)
        case sqlite3.SQLITE_FULL:
            return DiskFullError(database.parent)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if not has_room(database.parent):
            return DiskFullError(database.parent)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:  # SQLITE_ERROR: a table is missing
            return DatabaseDamagedError(database)
        case _:
            return FolderNotUsableError(database.parent, "the database cannot be opened or written")
