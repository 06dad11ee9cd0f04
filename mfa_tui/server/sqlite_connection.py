"""Connections to SQLite: their settings, and statements in its words."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from mfa_tui.server.store import BUSY_TIMEOUT

_RETRY_SECONDS = 0.005

_PRAGMAS = (
    "synchronous = FULL",  # a confirmed rotation survives a loss of power
    "fullfsync = ON",  # also on macOS, whose fsync alone does not reach the disk
    "secure_delete = ON",  # deleted content is overwritten
    "foreign_keys = ON",
    "trusted_schema = OFF",
)


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


def primary_code(error: sqlite3.Error) -> int:
    """Return the error's primary result code (https://www.sqlite.org/rescode.html), or -1 if it has none."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def roll_back(connection: sqlite3.Connection) -> bool:
    """Roll back an open transaction. Return False if that failed; closing the connection rolls it back then."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return True


def run_statement(connection: sqlite3.Connection, statement: str, values: Sequence[object]) -> sqlite3.Cursor:
    """Run a statement. SQLite has no locks of rows, and needs none: a change that it has stored is visible."""
    return connection.execute(statement.removesuffix(" FOR SHARE"), values)


def switch_to_wal(connection: sqlite3.Connection, busy_timeout: float) -> None:
    """Switch a database to write-ahead logging, which is stored in it.

    This requires exclusive access, for which SQLite does not wait.

    Raises:
        sqlite3.Error: Another program uses the database all the time, or it cannot be written.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    deadline = time.monotonic() + busy_timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return
