"""What only PostgreSQL does: transactions that conflict, commits of unknown outcome, and servers that fail."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from msgspec.structs import replace

from mfa_tui.redaction import Secret
from mfa_tui.server import app, postgres, schema
from mfa_tui.server.database import Location
from mfa_tui.server.errors import (
    ClockDiffersError,
    DatabaseForeignError,
    DatabaseNotReachedError,
    DatabaseTooNewError,
    DatabaseUrlError,
    KeyFileExposedError,
    KeyFileMissingError,
    KeyFileWrongError,
    ServiceError,
)
from mfa_tui.server.keys import Keys
from mfa_tui.server.postgres import PostgresStore
from mfa_tui.server.service import Service
from mfa_tui.server.store import Transaction
from tests.support.caller import Caller
from tests.support.postgres import PostgresServer


@pytest.fixture
def location(folder: Path, database_url: Secret) -> Location:
    return Location(folder, database_url)


Hurried = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def hurried(store: PostgresStore) -> Hurried:
    """Return a context in which the service waits only briefly for the database."""

    @contextmanager
    def hurried() -> Iterator[None]:
        before, store.busy_timeout = store.busy_timeout, 0.1
        yield
        store.busy_timeout = before

    return hurried


@pytest.fixture
def store(ada: Caller) -> PostgresStore:
    """The store of the service."""
    store = ada.service._store
    assert isinstance(store, PostgresStore)
    return store


FAULT = """
CREATE SEQUENCE faults;
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('faults') <= {times} THEN {fault}; END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fault AFTER INSERT OR UPDATE OR DELETE ON recovery_codes
    {when} FOR EACH ROW EXECUTE FUNCTION fault()
"""

AT_COMMIT = "DEFERRABLE INITIALLY DEFERRED"
TERMINATE = "PERFORM pg_terminate_backend(pg_backend_pid())"
ALWAYS = 1_000_000


Fail = Callable[..., None]


@pytest.fixture
def fail(postgres_server: PostgresServer) -> Fail:
    """Return a function that makes the use of a code fail: in its statement, or at its commit."""

    def fail(fault: str, when: str = "", times: int = ALWAYS) -> None:
        if len(fault) == 5:
            fault = f"RAISE EXCEPTION 'the test says so' USING ERRCODE = '{fault}'"
        postgres_server.execute(FAULT.format(fault=fault, when=when, times=times), "mfa")

    return fail


@pytest.mark.parametrize("when", ["", AT_COMMIT])
@pytest.mark.parametrize("fault", ["40001", "40P01", "23505"])
async def test_a_transaction_that_conflicts_runs_again(ada: Caller, fail: Fail, fault: str, when: str) -> None:
    codes = await ada.codes()
    fail(fault, when, times=3)
    assert (await ada.use(codes[0])).status_code == 200
    assert await ada.codes() == codes[1:]


@pytest.mark.parametrize("fault", [TERMINATE, "57P01", "25006", "08006"])
async def test_a_connection_lost_before_the_commit_is_replaced(ada: Caller, fail: Fail, fault: str) -> None:
    codes = await ada.codes()
    fail(fault, times=2)
    assert (await ada.use(codes[0])).status_code == 200
    assert await ada.codes() == codes[1:]


FAILURES = {"53100": "storage_full", "XX001": "storage_damaged", "55P03": "storage_failed", "40001": "storage_failed"}


@pytest.mark.parametrize("when", ["", AT_COMMIT])
@pytest.mark.parametrize("fault", FAILURES)
async def test_an_error_of_the_server_changes_nothing(
    ada: Caller, hurried: Hurried, fail: Fail, fault: str, when: str
) -> None:
    codes = await ada.codes()
    fail(fault, when)
    with hurried():
        response = await ada.use(codes[0])
    assert (response.status_code, response.json()["code"]) == (503, FAILURES[fault])
    assert await ada.codes() == codes


@pytest.mark.parametrize("fault", [TERMINATE, "40003", "RAISE WARNING 'canceling the wait for the standby'"])
async def test_a_commit_that_is_cut_off_has_an_unknown_outcome(ada: Caller, fail: Fail, fault: str) -> None:
    codes = await ada.codes()
    fail(fault, AT_COMMIT)
    response = await ada.use(codes[0])
    assert (response.status_code, set(response.json())) == (500, {"error"})
    assert "unknown" in response.json()["error"]


async def test_a_commit_without_an_end_has_an_unknown_outcome(
    ada: Caller, fail: Fail, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = await ada.codes()
    fail("PERFORM pg_sleep(60)", AT_COMMIT)
    monkeypatch.setattr(postgres, "COMMIT_TIMEOUT", 0.1)
    assert (await ada.use(codes[0])).status_code == 500


async def test_a_read_waits_for_a_rotation_in_progress(
    ada: Caller, hurried: Hurried, postgres_server: PostgresServer
) -> None:
    codes = await ada.codes()
    with psycopg.connect(postgres_server.url().reveal()) as rotation, hurried():
        rotation.execute("DELETE FROM recovery_codes")
        assert (await ada.call("GET", "/users/mfa/recovery")).status_code == 503
        rotation.rollback()
    assert await ada.codes() == codes


def test_concurrent_transactions_are_serializable(store: PostgresStore) -> None:
    def increment(db: Transaction) -> int:
        (last,) = db.fetch_column(int, "SELECT created_at FROM users")
        db.execute("UPDATE users SET created_at = ?", last + 1)
        return last

    (first,) = store.read(lambda db: db.fetch_column(int, "SELECT created_at FROM users"))
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: store.write(increment), range(40)))
    assert sorted(seen) == list(range(first, first + 40))


async def test_a_read_only_server_is_never_used(ada: Caller, hurried: Hurried, postgres_server: PostgresServer) -> None:
    codes = await ada.codes()
    postgres_server.execute("ALTER DATABASE mfa SET default_transaction_read_only = on")
    postgres_server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'mfa'")
    with hurried():
        for response in (await ada.call("GET", "/users/mfa/recovery"), await ada.use(codes[0]), await _health(ada)):
            assert response.status_code == 503
    postgres_server.execute("ALTER DATABASE mfa RESET ALL")
    assert await ada.codes() == codes


@contextmanager
def _frozen(server: PostgresServer) -> Iterator[None]:
    """Stop every process of the server for a while."""
    assert server.process is not None
    children = [int(pid) for (pid,) in server.execute("SELECT pid FROM pg_stat_activity")]
    processes = [server.process.pid, *children]
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


async def test_a_frozen_server_holds_no_request(
    ada: Caller, hurried: Hurried, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = await ada.codes()
    monkeypatch.setattr(app, "HEALTH_TIMEOUT", 0.1)
    with _frozen(postgres_server), hurried():
        responses = await asyncio.gather(_health(ada), ada.use(codes[0]), ada.call("GET", "/users/mfa/recovery"))
        assert [response.status_code for response in responses] == [503, 503, 503]
    assert await ada.codes() == codes


async def _health(ada: Caller) -> httpx.Response:
    return await ada.http.get("/healthz")


CLOCK = """
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT pg_catalog.clock_timestamp() + interval '{seconds} s' $$;
ALTER DATABASE mfa SET search_path = public, pg_catalog
"""


@pytest.mark.parametrize(("seconds", "refused"), [(3, True), (-3, True), (1, False)])
async def test_a_database_with_another_clock_is_refused(
    ada: Caller, location: Location, postgres_server: PostgresServer, seconds: int, refused: bool
) -> None:
    postgres_server.execute(CLOCK.format(seconds=seconds), "mfa")
    postgres_server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'mfa'")
    assert (await _health(ada)).status_code == (503 if refused else 200)
    if refused:
        _refused(location, ClockDiffersError)
    else:
        Service.open(location).close()


def _refused(location: Location, kind: type[ServiceError]) -> ServiceError:
    with pytest.raises(kind) as caught:
        Service.open(location)
    return caught.value


def test_another_machine_needs_the_same_key_file(service: Service, location: Location, tmp_path: Path) -> None:
    other = replace(location, folder=tmp_path / "other")
    _refused(other, KeyFileMissingError)
    Service.open(Location(tmp_path / "third")).close()
    _refused(replace(other, key_file=tmp_path / "third" / "keys.json"), KeyFileWrongError)
    with closing(Service.open(replace(other, key_file=location.keys))) as opened:
        assert opened.environment_id == service.environment_id


def test_the_group_may_read_a_key_file_that_is_named(location: Location, tmp_path: Path) -> None:
    named = replace(location, key_file=tmp_path / "keys.json")
    Service.open(named).close()
    named.keys.chmod(0o640)
    Service.open(named).close()
    for mode in (0o660, 0o644, 0o604):
        named.keys.chmod(mode)
        _refused(named, KeyFileExposedError)


@pytest.mark.usefixtures("service")
def test_a_start_on_another_machine_keeps_its_key_file(location: Location, tmp_path: Path) -> None:
    other = replace(location, folder=tmp_path / "other")
    other.folder.mkdir(mode=0o700)
    other.keys.write_bytes(location.keys.read_bytes())
    other.keys.chmod(0o600)
    Keys.generate().draft(other.new_keys).publish()
    Service.open(other).close()
    assert other.keys.read_bytes() == location.keys.read_bytes()


@pytest.mark.usefixtures("service")
def test_a_later_version_is_refused(location: Location, postgres_server: PostgresServer) -> None:
    postgres_server.execute("UPDATE mfa_tui_version SET version = version + 1", "mfa")
    _refused(location, DatabaseTooNewError)


def test_another_programs_tables_are_refused(location: Location, postgres_server: PostgresServer) -> None:
    postgres_server.execute("CREATE TABLE users (name TEXT)", "mfa")
    _refused(location, DatabaseForeignError)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("mysql://localhost/mfa", DatabaseUrlError),
        ("postgresql://localhost/mfa?pass word", DatabaseUrlError),
        ("postgresql://127.0.0.1:1/mfa", DatabaseNotReachedError),
        ("postgresql://u:hunter2@127.0.0.1:99999/mfa", DatabaseNotReachedError),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(folder: Path, url: str, error: type[ServiceError]) -> None:
    refused = _refused(Location(folder, Secret(url)), error)
    assert "hunter2" not in str(refused)


def test_a_missing_database_is_refused(folder: Path, postgres_server: PostgresServer) -> None:
    _refused(Location(folder, postgres_server.url("missing")), DatabaseNotReachedError)


def test_concurrent_first_starts_use_one_environment(location: Location, tmp_path: Path) -> None:
    locations = [
        replace(location, folder=tmp_path / str(number), key_file=tmp_path / "keys.json") for number in range(6)
    ]

    def open_service(location: Location) -> str:
        with closing(Service.open(location)) as service:
            return service.environment_id

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(open_service, locations))) == 1


def test_an_interrupted_first_start_leaves_an_empty_database(
    location: Location, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "VERSIONS", (*schema.VERSIONS, ("INTERRUPTED",)))
        _refused(location, DatabaseNotReachedError)
    assert postgres_server.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'", "mfa") == []
    Service.open(location).close()
