"""A disk or a database that fails while the service runs: what is answered, and that nothing is lost by it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mfa_tui.server import app, store
from mfa_tui.server.service import Service
from tests.support.caller import Caller


class Connection(sqlite3.Connection):
    """A connection on which one statement fails, if told to."""

    failing: tuple[str, int] | None = None

    def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:
        if self.failing is not None and sql.startswith(self.failing[0]):
            error = sqlite3.OperationalError("the test says so")
            error.sqlite_errorcode = self.failing[1]
            raise error
        return super().execute(sql, *arguments)  # type: ignore[arg-type]  # passed on as it came


@pytest.fixture(autouse=True)
def breakable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections that can be made to fail, and do not wait long for a lock."""

    def connect(path: Path, _busy_seconds: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=0.05, isolation_level=None, check_same_thread=False, factory=Connection
        )
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    monkeypatch.setattr(store, "connect", connect)
    yield
    Connection.failing = None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mfa"


@pytest.fixture
async def ada(folder: Path) -> AsyncIterator[Caller]:
    with closing(Service.open(folder)) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            yield await Caller(http, service).sign_in()


async def _changes_nothing(ada: Caller, codes: list[str]) -> None:
    """Try to rotate, to use a code and to sign in: each says that nothing was changed."""
    outbox = sorted(ada.service.outbox.parent.rglob("*.eml"))
    for answer in (
        await ada.call("POST", "/users/mfa/recovery"),
        await ada.use(codes[0]),
        await ada.use("2222222222"),
        await ada.call("POST", "/emailVerifications/create", {"email": "ada@example.org"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_failed")
        assert "Nothing was changed" in answer.json()["error"]
    assert sorted(ada.service.outbox.parent.rglob("*.eml")) == outbox


async def _all_are_good(ada: Caller, codes: list[str]) -> None:
    assert await ada.codes() == codes
    assert (await ada.use(codes[0])).status_code == 200


async def test_a_locked_database_can_still_be_read_and_nothing_is_spent(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    with closing(sqlite3.connect(folder / "mfa.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await _changes_nothing(ada, codes)
        assert await ada.codes() == codes
    await _all_are_good(ada, codes)


async def test_a_call_whose_turn_comes_too_late_is_not_tried(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = await ada.codes()
    with monkeypatch.context() as patched:
        patched.setattr(app, "BUSY_TIMEOUT", -1)
        await _changes_nothing(ada, codes)
    await _all_are_good(ada, codes)


@pytest.mark.parametrize("failing", ["BEGIN IMMEDIATE", "UPDATE", "DELETE", "INSERT", "COMMIT"])
@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY])
async def test_a_failure_at_any_statement_changes_nothing(ada: Caller, failing: str, code: int) -> None:
    codes = await ada.codes()
    Connection.failing = (failing, code)
    rotated = await ada.call("POST", "/users/mfa/recovery")
    Connection.failing = None
    assert (rotated.status_code, rotated.json()["code"]) == (503, "storage_failed")
    await _all_are_good(ada, codes)


async def test_a_disk_that_fails_in_the_middle_of_the_commit_leaves_the_outcome_open(ada: Caller) -> None:
    codes = await ada.codes()
    Connection.failing = ("COMMIT", sqlite3.SQLITE_IOERR | 4 << 8)
    answer = await ada.use(codes[0])
    Connection.failing = None
    assert (answer.status_code, set(answer.json())) == (500, {"error"})
    assert await ada.codes() == codes


async def test_a_fault_of_ours_is_told_without_its_message(ada: Caller) -> None:
    codes = await ada.codes()
    Connection.failing = ("UPDATE", sqlite3.SQLITE_ERROR)
    answer = await ada.use(codes[0])
    Connection.failing = None
    assert answer.status_code == 500
    assert "the test says so" not in answer.text
    assert "reference" in answer.json()["error"]
    await _all_are_good(ada, codes)


async def test_a_database_that_is_full_keeps_what_it_has(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
    full = f"PRAGMA max_page_count = {pages}"
    connections = [ada.service._store._connection() for _ in range(8)]
    for connection in connections:
        connection.execute(full)
        ada.service._store._idle.put(connection)
    answers = [
        await ada.call("POST", "/emailVerifications/create", {"email": f"{'x' * 60}{number}@example.org"})
        for number in range(100)
    ]
    last = answers[-1]
    assert (last.status_code, last.json()["code"]) == (503, "storage_failed")
    mails = len(list(ada.service.outbox.iterdir()))  # that of the sign-in is swept away by the first
    assert mails == [answer.status_code for answer in answers].count(201)
    assert await ada.codes() == codes


async def test_an_outbox_that_cannot_be_written_stops_what_has_to_be_told_by_mail(ada: Caller) -> None:
    codes = await ada.codes()
    shutil.rmtree(ada.service.outbox)
    for answer in (await ada.call("POST", "/users/mfa/recovery"), await ada.use(codes[0])):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_failed")
    ada.service.outbox.mkdir()
    await _all_are_good(ada, codes)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A disk of 512 KiB in the place of the data folder; the call fills it."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root mounts a small disk")
    folder = tmp_path / "mfa"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], check=False)
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


async def test_a_full_disk_spends_nothing(small_disk: Callable[[], None], ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    small_disk()
    await _changes_nothing(ada, codes)
    assert await ada.codes() == codes
    (folder / "filler").unlink()
    await _all_are_good(ada, codes)
