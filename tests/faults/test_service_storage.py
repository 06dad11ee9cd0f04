"""If the disk or the database fails while the service runs, the response is right and nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from mfa_tui.server import app, mail, sqlite
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock, wait_for_mails


class Connection(sqlite3.Connection):
    """A connection on which a chosen statement fails."""

    failing: tuple[str, int] | None = None

    def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:
        if self.failing is not None and sql.startswith(self.failing[0]):
            error = sqlite3.OperationalError("the test says so")
            error.sqlite_errorcode = self.failing[1]
            raise error
        return super().execute(sql, *arguments)  # type: ignore[arg-type]  # forwarded unchanged


@pytest.fixture(autouse=True)
def breakable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace connections with ones that can fail and wait only briefly for a lock."""

    def connect(path: Path, _busy_seconds: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=0.05, isolation_level=None, check_same_thread=False, factory=Connection
        )
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    monkeypatch.setattr(sqlite, "connect", connect)
    yield
    Connection.failing = None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mfa"


@pytest.fixture
async def ada(folder: Path) -> AsyncIterator[Caller]:
    with closing(Service.open(folder)) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            caller = await Caller(http, service).sign_in()
            wait_for_mails(service)  # of the sign-in: no later mail is its notice
            yield caller


async def _assert_changes_fail(ada: Caller, codes: list[str], code: str = "storage_failed") -> None:
    """Check that rotating, using a code and signing in fail and change nothing."""
    outbox = sorted(ada.service.outbox.parent.rglob("*.eml"))
    for response in (
        await ada.call("POST", "/users/mfa/recovery"),
        await ada.use(codes[0]),
        await ada.use("2222222222"),
        await ada.call("POST", "/emailVerifications/create", {"email": "ada@example.org"}),
    ):
        assert (response.status_code, response.json()["code"]) == (503, code)
        assert "Nothing was changed" in response.json()["error"]
    assert sorted(ada.service.outbox.parent.rglob("*.eml")) == outbox


async def _assert_codes_valid(ada: Caller, codes: list[str]) -> None:
    assert await ada.codes() == codes
    assert (await ada.use(codes[0])).status_code == 200


async def test_a_locked_database_can_be_read_but_not_changed(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    with closing(sqlite3.connect(folder / "mfa.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await _assert_changes_fail(ada, codes)
        assert await ada.codes() == codes
    await _assert_codes_valid(ada, codes)


async def test_a_request_that_waited_too_long_is_not_handled(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = await ada.codes()
    with monkeypatch.context() as patched:
        patched.setattr(app, "BUSY_TIMEOUT", -1)
        await _assert_changes_fail(ada, codes)
    await _assert_codes_valid(ada, codes)


@pytest.mark.parametrize("failing", ["BEGIN IMMEDIATE", "UPDATE", "DELETE", "INSERT", "COMMIT"])
@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY])
async def test_a_failure_at_any_statement_assert_changes_fail(ada: Caller, failing: str, code: int) -> None:
    codes = await ada.codes()
    Connection.failing = (failing, code)
    rotated = await ada.call("POST", "/users/mfa/recovery")
    Connection.failing = None
    expected = "storage_full" if code == sqlite3.SQLITE_FULL else "storage_failed"
    assert (rotated.status_code, rotated.json()["code"]) == (503, expected)
    await _assert_codes_valid(ada, codes)


async def test_a_disk_failure_during_commit_leaves_the_outcome_open(ada: Caller) -> None:
    codes = await ada.codes()
    Connection.failing = ("COMMIT", sqlite3.SQLITE_IOERR | 4 << 8)
    response = await ada.use(codes[0])
    Connection.failing = None
    assert (response.status_code, set(response.json())) == (500, {"error"})
    assert await ada.codes() == codes


async def test_an_internal_error_does_not_reveal_its_message(ada: Caller) -> None:
    codes = await ada.codes()
    Connection.failing = ("UPDATE", sqlite3.SQLITE_ERROR)
    response = await ada.use(codes[0])
    Connection.failing = None
    assert response.status_code == 500
    assert "the test says so" not in response.text
    assert "reference" in response.json()["error"]
    await _assert_codes_valid(ada, codes)


async def _assert_missing(ada: Caller, codes: list[str]) -> None:
    """Check that every request is refused because the database was removed or replaced."""
    for response in (
        await ada.call("GET", "/users/mfa/recovery"),
        await ada.call("POST", "/users/mfa/recovery"),
        await ada.use(codes[0]),
    ):
        assert (response.status_code, response.json()["code"]) == (503, "storage_missing")


async def test_no_code_is_returned_if_the_database_was_removed(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    (folder / "mfa.sqlite3").rename(folder / "moved")
    await _assert_missing(ada, codes)
    (folder / "moved").rename(folder / "mfa.sqlite3")
    await _assert_codes_valid(ada, codes)


async def test_no_code_is_returned_if_the_database_was_replaced(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    shutil.copy(folder / "mfa.sqlite3", folder / "copy")
    (folder / "copy").replace(folder / "mfa.sqlite3")
    await _assert_missing(ada, codes)


async def test_no_code_is_returned_if_the_database_is_removed_during_the_commit(
    ada: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.codes()
    execute = Connection.execute

    def remove_and_execute(self: Connection, sql: str, *arguments: object) -> sqlite3.Cursor:
        if sql == "COMMIT":
            (folder / "mfa.sqlite3").unlink(missing_ok=True)
        return execute(self, sql, *arguments)

    monkeypatch.setattr(Connection, "execute", remove_and_execute)
    assert (await ada.call("POST", "/users/mfa/recovery")).json()["code"] == "storage_missing"


@pytest.mark.parametrize("damage", ["sealed = substr(sealed, 1, 9)", "sealed = zeroblob(40)", "lookup = zeroblob(32)"])
async def test_a_damaged_code_hides_no_other_code(ada: Caller, folder: Path, damage: str) -> None:
    codes = await ada.codes()
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        database.execute(f"UPDATE recovery_codes SET {damage} WHERE position = 3")
        database.commit()
    read = (await ada.call("GET", "/users/mfa/recovery")).json()
    assert read == {"count": 9, "recoveryCodes": codes[:3] + codes[4:], "damaged": 1}
    await ada.acknowledge()
    assert (await ada.use(codes[0])).status_code == 200
    new = await ada.rotate()
    assert (await ada.call("GET", "/users/mfa/recovery")).json() == {"count": 10, "recoveryCodes": new}


async def test_codes_that_are_all_damaged_can_be_replaced_but_not_confirmed(ada: Caller, folder: Path) -> None:
    await ada.codes()
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        database.execute("UPDATE recovery_codes SET sealed = zeroblob(40)")
        database.commit()
    read = (await ada.call("GET", "/users/mfa/recovery")).json()
    assert read == {"count": 0, "recoveryCodes": [], "damaged": 10}
    assert (await ada.call("PUT", "/users", {"mfaBackupCodeAcknowledgement": "complete"})).status_code == 422
    await ada.rotate()
    await ada.acknowledge()


async def test_a_damaged_authenticator_app_is_named_as_the_cause(ada: Caller, folder: Path) -> None:
    await ada.call("GET", "/users/mfa/register/totp")
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        database.execute("UPDATE totp_devices SET sealed = zeroblob(40)")
        database.commit()
    response = await ada.use_totp("123456")
    assert (response.status_code, response.json()["code"]) == (503, "storage_damaged")


async def test_a_full_database_keeps_its_content(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
    full = f"PRAGMA max_page_count = {pages}"
    store = ada.service._store
    assert isinstance(store, sqlite.SqliteStore)
    connections = [store._connection() for _ in range(8)]
    for connection in connections:
        connection.execute(full)
        store._idle.put(connection)
    responses = [
        await ada.call("POST", "/emailVerifications/create", {"email": f"{'x' * 60}{number}@example.org"})
        for number in range(100)
    ]
    last = responses[-1]
    assert (last.status_code, last.json()["code"]) == (503, "storage_full")
    mails = len(list(ada.service.outbox.glob("code-*.eml")))  # the first request removes the mail of the sign-in
    assert mails == [response.status_code for response in responses].count(201)
    assert await ada.codes() == codes


async def test_a_notice_that_cannot_be_written_is_written_later(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LOOK_SECONDS", 0.01)
    clock = Clock()
    with closing(Service.open(folder, clock=clock)) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            ada = await Caller(http, service).sign_in()
            shutil.rmtree(service.outbox)
            await ada.rotate()
            response = await ada.call("POST", "/emailVerifications/create", {"email": "a@example.org"})
            assert response.status_code == 503
            service.outbox.mkdir()
            clock.tick(mail.CLAIM_SECONDS)
            wait_for_mails(service)
            assert "Your recovery codes were replaced" in _notices(service.outbox)


async def test_a_notice_is_written_after_the_next_start_if_the_service_is_killed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    with monkeypatch.context() as patched, closing(Service.open(folder, clock=clock)) as service:
        patched.setattr(mail.Outbox, "_deliver", lambda _outbox, _mail: False)  # killed after the commit
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            await (await Caller(http, service).sign_in()).rotate()
    assert not _notices(folder / "outbox")
    clock.tick(mail.CLAIM_SECONDS)
    Service.open(folder, clock=clock).close()
    assert "Your recovery codes were replaced" in _notices(folder / "outbox")
    for path in (folder / "outbox").iterdir():
        path.unlink()  # as a program does that has sent them
    clock.tick(mail.CLAIM_SECONDS)
    Service.open(folder, clock=clock).close()
    assert not list((folder / "outbox").iterdir())


def _notices(outbox: Path) -> list[str]:
    return sorted(message_from_bytes(path.read_bytes())["Subject"] for path in outbox.glob("notice-*.eml"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Mount a disk of 512 KiB at the data folder; return a function that fills it."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root mounts a small disk")
    folder = tmp_path / "mfa"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", folder], check=False)
    if made.returncode != 0:
        pytest.skip("no mounting here")

    def fill() -> None:
        with (folder / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(512))
            except OSError:
                pass

    yield fill
    subprocess.run(["umount", "--lazy", folder], check=True)


async def test_a_full_disk_uses_no_code(small_disk: Callable[[], None], ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    small_disk()
    await _assert_changes_fail(ada, codes, "storage_full")
    assert await ada.codes() == codes
    (folder / "filler").unlink()
    await _assert_codes_valid(ada, codes)
