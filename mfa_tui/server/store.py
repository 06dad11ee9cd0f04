"""The seam between the service and its database: transactions, typed rows and errors.

Each request is handled inside one transaction. If it fails, one of two errors says how: `RolledBackError` if nothing
was changed, `CommitUnknownError` if the commit may have succeeded. `sqlite` and `postgres` implement it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import msgspec

from mfa_tui.atomic_file import DISK_FULL
from mfa_tui.protocol.error_codes import ErrorCode

BUSY_TIMEOUT = 2.5
"""How long a transaction waits for another one, of this process or of another, in seconds."""

Clock = Callable[[], float]
"""Returns the time in unix seconds."""

_T = TypeVar("_T")


class RolledBackError(Exception):
    """The transaction was rolled back, for example because the disk is full or the database is locked.

    Args:
        code: The reason, one of the codes that start with `storage_`.
    """

    def __init__(self, code: ErrorCode = ErrorCode.STORAGE_FAILED) -> None:
        super().__init__(code)
        self.code = code


class ReadOnlyTransactionError(Exception):
    """A read transaction attempted a change."""


class CommitUnknownError(Exception):
    """The commit failed in a way that leaves it unknown if the change was stored."""


class Cursor(Protocol):
    """The result of a statement, as PEP 249 defines it."""

    @property
    def description(self) -> Sequence[Sequence[object]] | None:
        """The columns, each starting with its name."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def __iter__(self) -> Iterator[Sequence[object]]:
        """Iterate over the rows."""


class Transaction:
    """A transaction in progress.

    Args:
        run: Runs a statement with its values, whose placeholders are `?`.
        now: The time of everything that it does, in unix seconds.
        writable: Whether it may change anything.
    """

    def __init__(self, run: Callable[[str, Sequence[object]], Cursor], now: float, *, writable: bool) -> None:
        self._run = run
        self._writable = writable
        self.now = int(now)
        self._after_commit: list[Callable[[], None]] = []

    def fetch_all(self, row_type: type[_T], statement: str, *values: object) -> list[_T]:
        """Return all rows, each as a `row_type` whose fields have the names of the columns."""
        cursor = self._run(statement, values)
        names = [str(column[0]) for column in cursor.description or ()]
        # Not strict: a boolean is stored as 0 or 1.
        return [msgspec.convert(dict(zip(names, row, strict=True)), row_type, strict=False) for row in cursor]

    def fetch_one(self, row_type: type[_T], statement: str, *values: object) -> _T | None:
        """Return the first row, or None if there is no row."""
        rows = self.fetch_all(row_type, statement, *values)
        return rows[0] if rows else None

    def fetch_column(self, value_type: type[_T], statement: str, *values: object) -> list[_T]:
        """Return the values of the first column of all rows."""
        return [msgspec.convert(row[0], value_type) for row in self._run(statement, values)]

    def exists(self, statement: str, *values: object) -> bool:
        """Return whether a query finds a row."""
        return next(iter(self._run(statement, values)), None) is not None

    def execute(self, statement: str, *values: object) -> int:
        """Run a statement that changes something, and return how many rows it changed.

        Raises:
            ReadOnlyTransactionError: This is a read transaction.
        """
        if not self._writable:
            raise ReadOnlyTransactionError
        return self._run(statement, values).rowcount

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run an action after the commit, when the next transaction may run: file work takes as long as a commit."""
        self._after_commit.append(action)

    def run_after_commit(self) -> None:
        """Run those actions.

        Raises:
            RolledBackError: The disk refused one of them.
        """
        try:
            for action in self._after_commit:
                action()
        except OSError as error:
            full = error.errno in DISK_FULL
            raise RolledBackError(ErrorCode.STORAGE_FULL if full else ErrorCode.STORAGE_FAILED) from None


class Store(Protocol):
    """A thread-safe pool of connections to one database.

    The work of a transaction is a function, because a store may run it again: it must change nothing except through its
    transaction.
    """

    name: str
    """The database, for messages. It contains no password."""

    readers: int
    """How many threads are useful to read."""

    writers: int
    """How many threads are useful to write."""

    def prepare(self, work: Callable[[Transaction, int], _T]) -> _T:
        """Run `work` with the version of the database, which is 0 if it is empty, while no other process does.

        The work upgrades the database to this program's version, which is then stored.

        Raises:
            ServiceError: The database cannot be used; the subclass says why. Nothing was changed.
        """

    def check(self) -> None:
        """Check that the database can be read.

        Raises:
            RolledBackError: It cannot be read.
        """

    def read(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a transaction that reads one consistent state of the database, and return its result.

        Raises:
            ReadOnlyTransactionError: The work attempted a change.
            RolledBackError: The database could not be read.
        """

    def write(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` in a transaction as if no other one ran at the same time, commit it, and return its result.

        Raises:
            RolledBackError: It was rolled back.
            CommitUnknownError: It may have been committed.
        """

    def close(self) -> None:
        """Close the idle connections. Call it when no transaction is open."""
