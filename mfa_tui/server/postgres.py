"""The PostgreSQL database: a pool of connections, and transactions that run again if others got in their way.

Every transaction is SERIALIZABLE: with less, concurrent wrong codes are checked without being counted, and one e-mail
code starts several sessions. PostgreSQL ends a transaction that would break that with an error (40001), and expects
that it is run again (https://www.postgresql.org/docs/current/transaction-iso.html).
"""

import secrets
import time
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from queue import Empty, LifoQueue
from typing import TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.redaction import Secret
from mfa_tui.server import schema
from mfa_tui.server.errors import (
    ClockDiffersError,
    DatabaseDamagedError,
    DatabaseForeignError,
    DatabaseNotReachedError,
    DatabaseReadOnlyError,
    DatabaseUrlError,
    ServiceError,
)
from mfa_tui.server.postgres_connection import Connection, connect
from mfa_tui.server.store import BUSY_TIMEOUT, Clock, CommitUnknownError, RolledBackError, Transaction

COMMIT_TIMEOUT = 5.0
"""How long a commit may take, in seconds: a synchronous standby may be slow. After that, its outcome is unknown."""

MAX_CLOCK_DIFFERENCE = 2.0
"""In seconds. TOTP codes, sessions and waits end at times that every machine of the service must agree on."""

_MIN_PAUSE = 0.002
_MAX_PAUSE = 0.1

_READ_ONLY = "25006"

_CONFLICTS = {"40001", "40P01", "23505"}
"""Serialization failure, deadlock, and a row that a concurrent transaction has inserted: run the transaction again."""

_EXTERNAL_CLASSES = ("08", "53", "55", "57", "58", "XX")
"""Classes of errors caused by the server's machine, its administrator or the network, not by this program.

Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

_CODES = {
    "53100": ErrorCode.STORAGE_FULL,
    "XX001": ErrorCode.STORAGE_DAMAGED,
    "XX002": ErrorCode.STORAGE_DAMAGED,
}

_T = TypeVar("_T")


class PostgresStore:
    """A thread-safe pool of connections to one PostgreSQL database.

    Args:
        url: The URL of the database, which may name several hosts: the primary and its standbys.
        clock: Returns the time.
        busy_timeout: How long a transaction may take, with all its runs, in seconds.

    Raises:
        DatabaseUrlError: The URL is not one of PostgreSQL.
    """

    readers = 8
    """More than SQLite's: each waits for the network and the server's disk."""

    writers = 8

    def __init__(self, url: Secret, clock: Clock, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        if not url.reveal().startswith(("postgresql://", "postgres://")):
            raise DatabaseUrlError
        try:
            parameters = {name: str(value) for name, value in conninfo_to_dict(url.reveal()).items()}
        except psycopg.ProgrammingError:
            raise DatabaseUrlError from None
        self.name = f"{parameters.get('dbname', '')} on {parameters.get('host', 'this machine')}"
        self._parameters = parameters
        self._clock = clock
        self.busy_timeout = busy_timeout
        self._idle: LifoQueue[Connection] = LifoQueue()

    def prepare(self, work: Callable[[Transaction, int], _T]) -> _T:
        """Run `work` with the version of the database.

        Raises:
            ServiceError: The database cannot be reached or changed, belongs to another program, or has another clock.
        """
        try:
            with closing(connect(self._parameters, self.busy_timeout)) as connection:
                self._check_clock(connection)
                return self._prepare(connection, work)
        except psycopg.Error as error:
            raise self._service_error(error) from None

    def _prepare(self, connection: Connection, work: Callable[[Transaction, int], _T]) -> _T:
        run = connection.run
        run("BEGIN ISOLATION LEVEL READ COMMITTED")
        run("SELECT pg_advisory_xact_lock(?)", (schema.APPLICATION_ID,))
        db = Transaction(run, self._clock(), writable=True)
        tables = db.fetch_column(str, "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()")
        if not tables:
            db.execute("CREATE TABLE mfa_tui_version (version INTEGER NOT NULL)")
            db.execute("INSERT INTO mfa_tui_version VALUES (0)")
        elif "mfa_tui_version" not in tables:
            raise DatabaseForeignError(self.name)
        version = db.fetch_column(int, "SELECT version FROM mfa_tui_version")
        if len(version) != 1:
            raise DatabaseDamagedError(self.name)
        result = work(db, version[0])
        db.execute("UPDATE mfa_tui_version SET version = ?", schema.VERSION)
        run("COMMIT")
        return result

    def check(self) -> None:
        """Check that the database answers, accepts changes, and has the same time as this machine.

        Raises:
            RolledBackError: It does not.
        """
        try:
            # A new connection, which fails if no server accepts changes.
            with closing(connect(self._parameters, self.busy_timeout)) as connection:
                self._check_clock(connection)
        except (psycopg.Error, ClockDiffersError):
            raise RolledBackError from None

    def read(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a read transaction."""
        return self._run(work, writable=False)

    def write(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a write transaction."""
        return self._run(work, writable=True)

    def close(self) -> None:
        """Close the idle connections."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _run(self, work: Callable[[Transaction], _T], *, writable: bool) -> _T:
        """Run `work` until no other transaction gets in its way, but not longer than the limit."""
        deadline = time.monotonic() + self.busy_timeout
        for attempt in count():
            try:
                return self._run_once(work, deadline, writable=writable)
            except _RetryError:
                pause = secrets.SystemRandom().uniform(0, min(_MAX_PAUSE, _MIN_PAUSE * 2**attempt))
                if time.monotonic() + pause > deadline:
                    raise RolledBackError from None
                time.sleep(pause)
        raise AssertionError

    def _run_once(self, work: Callable[[Transaction], _T], deadline: float, *, writable: bool) -> _T:
        try:
            connection = self._idle_or_new()
        except psycopg.OperationalError:
            raise _RetryError from None
        connection.deadline = deadline
        transaction = Transaction(connection.run, self._clock(), writable=writable)
        try:
            try:
                connection.run("BEGIN ISOLATION LEVEL SERIALIZABLE")
                result = work(transaction)
            except psycopg.Error as error:
                raise _before_commit(error) from None
            try:
                _commit(connection)
            except CommitUnknownError:
                if writable:
                    raise
                raise _RetryError from None
        finally:
            self._take_back(connection)
        transaction.run_after_commit()
        return result

    def _take_back(self, connection: Connection) -> None:
        """Keep a connection for the next transaction, if its own is over or can be rolled back."""
        try:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.run("ROLLBACK")
        except psycopg.Error:
            connection.close()
        else:
            self._idle.put(connection)

    def _idle_or_new(self) -> Connection:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            return connect(self._parameters, self.busy_timeout)
        connection.deadline = time.monotonic() + self.busy_timeout
        return connection

    def _check_clock(self, connection: Connection) -> None:
        before = time.time()
        ((theirs,),) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        after = time.time()
        difference = max(before - theirs, theirs - after)
        if difference > MAX_CLOCK_DIFFERENCE:
            raise ClockDiffersError(self.name, difference)

    def _service_error(self, error: psycopg.Error) -> ServiceError:
        match error.sqlstate:
            case "25006":
                return DatabaseReadOnlyError(self.name)
            case "42P01" | "42703":  # a table or a column is missing
                return DatabaseDamagedError(self.name)
            case "42501":
                return DatabaseNotReachedError(self.name, "its user may not create tables")
            case _ if isinstance(error, psycopg.errors.ConnectionTimeout):
                return DatabaseNotReachedError(self.name, "it does not answer")
            case _:
                return DatabaseNotReachedError(self.name, "it refuses the connection, or is not the primary")


class _RetryError(Exception):
    """Nothing was changed, and another run of the transaction may succeed."""


def _before_commit(error: psycopg.Error) -> Exception:
    """Return the error to raise for one that came before the commit was sent, so that nothing was changed."""
    state = error.sqlstate
    # Without a state, the connection was lost. 57P: the server stops or starts; another may be the primary then.
    if state is None or state in {*_CONFLICTS, _READ_ONLY} or state.startswith(("08", "57P")):
        return _RetryError()
    if not state.startswith(_EXTERNAL_CLASSES):
        return error
    return _rolled_back(error)


def _rolled_back(error: psycopg.Error) -> RolledBackError:
    return RolledBackError(_CODES.get(error.sqlstate or "", ErrorCode.STORAGE_FAILED))


def _commit(connection: Connection) -> None:
    """Commit a transaction.

    Raises:
        _RetryError: It was rolled back.
        RolledBackError: It was rolled back.
        CommitUnknownError: The server did not say if it was committed.
    """
    connection.deadline = time.monotonic() + COMMIT_TIMEOUT
    connection.warned = False
    try:
        status = connection.execute("COMMIT").statusmessage
    except psycopg.Error as error:
        if error.sqlstate in _CONFLICTS:
            raise _RetryError from None
        if error.diag.severity_nonlocalized == "ERROR" and error.sqlstate != "40003":
            raise _rolled_back(error) from None
        raise CommitUnknownError from None
    if connection.warned:  # such as: the wait for the standby was canceled
        raise CommitUnknownError
    if status != "COMMIT":
        raise RolledBackError
