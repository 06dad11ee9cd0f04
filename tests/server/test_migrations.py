"""A database of an earlier version is upgraded when it is opened, and no code in it changes."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from mfa_tui.server import schema
from mfa_tui.server.database import Location
from mfa_tui.server.errors import DatabaseDamagedError, EnvironmentDiffersError
from mfa_tui.server.service import Service
from tests.support.caller import Caller

VERSION_1 = """
CREATE TABLE environment (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    keys_fingerprint BLOB NOT NULL
) STRICT;
CREATE TABLE users (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    credential_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    acknowledgement TEXT CHECK (acknowledgement IN ('pending', 'complete'))
) STRICT;
CREATE TABLE recovery_codes (
    user INTEGER NOT NULL REFERENCES users,
    position INTEGER NOT NULL,
    lookup BLOB NOT NULL,
    sealed BLOB,
    spent_at INTEGER,
    PRIMARY KEY (user, position),
    CHECK ((sealed IS NULL) = (spent_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE totp_devices (
    id TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    verified_at INTEGER,
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    last_step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX totp_devices_by_user ON totp_devices (user);
CREATE UNIQUE INDEX one_verified_totp_device ON totp_devices (user) WHERE verified_at IS NOT NULL;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    pending INTEGER NOT NULL CHECK (pending IN (0, 1)),
    factor TEXT NOT NULL CHECK (factor IN ('email', 'recovery', 'totp'))
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE TABLE step_up_tokens (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX step_up_tokens_by_expiry ON step_up_tokens (expires_at);
CREATE INDEX step_up_tokens_by_session ON step_up_tokens (session);
CREATE TABLE email_verifications (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX email_verifications_by_expiry ON email_verifications (expires_at);
CREATE TABLE mails_sent (
    number INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mails_sent_by_email ON mails_sent (email, expires_at);
CREATE INDEX mails_sent_by_expiry ON mails_sent (expires_at);
CREATE TABLE wrong_tries (
    user INTEGER NOT NULL REFERENCES users,
    factor TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    PRIMARY KEY (user, factor)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1835426164;
PRAGMA user_version = 1;
"""
"""The database of mfa-tui 0.1."""


@pytest.fixture
def location(folder: Path) -> Location:
    """SQLite, the only database that version 1 had."""
    return Location(folder)


def _downgrade(folder: Path) -> None:
    """Replace the database with one of version 1 that has the same rows."""
    path = folder / "mfa.sqlite3"
    with closing(sqlite3.connect(path.with_name("old"), isolation_level=None)) as old:
        old.executescript(VERSION_1)
        old.execute("ATTACH ? AS current", (str(path),))
        for (table,) in old.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
            if table == "wrong_tries":
                continue
            columns = [row[1] for row in old.execute(f"PRAGMA main.table_info({table})")]
            now = {"only": "number", "user": "user_number"}
            if table == "sessions":
                now["factor"] = "iif(proved_at IS NULL, 'email', 'totp')"
            old.execute(
                f"INSERT INTO main.{table} ({', '.join(columns)})"
                f" SELECT {', '.join(now.get(column, column) for column in columns)} FROM current.{table}"
            )
        old.execute(
            "INSERT INTO main.wrong_tries SELECT number, factor, wrong, retry_at"
            " FROM current.attempts JOIN current.users USING (email) WHERE client = '' AND factor <> 'email'"
        )
    path.with_name("old").chmod(0o600)
    path.with_name("old").replace(path)


def _tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of each table and index."""
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema")]
        return {
            name: database.execute(f"PRAGMA table_xinfo({name})").fetchall()
            + database.execute(f"PRAGMA index_xinfo({name})").fetchall()
            for name in names
        }


async def test_a_database_of_version_1_is_upgraded(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    await ada.acknowledge()
    await ada.use("2222222222")
    ada.service.close()
    tables = _tables(folder)
    _downgrade(folder)
    Service.open(folder).close()
    assert _tables(folder) == tables
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert database.execute("SELECT wrong, client FROM attempts").fetchall() == [(1, "")]
    for used in range(2):
        with closing(Service.open(folder, clock=lambda: 1_800_000_000.0)) as service:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
                pending = await Caller(http, service).sign_in()  # the key that signed the session's token is a new one
                response = await pending.use(codes[used])
                passed = replace(pending, token=response.json()["minifiedJwt"])
                assert await passed.codes() == codes[used + 1 :]


async def test_a_refused_start_does_not_upgrade_the_database(ada: Caller, folder: Path) -> None:
    ada.service.close()
    _downgrade(folder)
    before = (folder / "mfa.sqlite3").read_bytes()
    with pytest.raises(EnvironmentDiffersError):
        Service.open(folder, environment_id="00000000-0000-4000-8000-000000000000")
    assert (folder / "mfa.sqlite3").read_bytes() == before


@pytest.mark.parametrize("statement", range(len(schema.VERSIONS[1])))
async def test_an_interrupted_upgrade_changes_nothing(
    ada: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    codes = await ada.codes()
    ada.service.close()
    _downgrade(folder)
    with monkeypatch.context() as patched:
        changed = (*schema.VERSIONS[1][:statement], "INTERRUPTED")
        patched.setattr(schema, "VERSIONS", (schema.VERSIONS[0], changed))
        with pytest.raises(DatabaseDamagedError):
            Service.open(folder)
    with closing(Service.open(folder, clock=lambda: 1_800_000_000.0)) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            assert await (await Caller(http, service).sign_in()).codes() == codes
