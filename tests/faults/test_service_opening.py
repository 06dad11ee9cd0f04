"""Opening an unusable data folder raises the right error and changes nothing."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mfa_tui.errors import ExitCode
from mfa_tui.server import schema, sqlite, sqlite_connection
from mfa_tui.server.errors import (
    DatabaseDamagedError,
    DatabaseForeignError,
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DatabaseTooNewError,
    DiskFullError,
    EnvironmentDiffersError,
    FolderNotPrivateError,
    FolderNotUsableError,
    KeyFileMissingError,
    KeyFileWrongError,
    ServiceError,
    SqliteTooOldError,
)
from mfa_tui.server.service import Service
from tests.support.caller import Caller

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


def _codes(folder: Path) -> list[str]:
    """Open a folder and return the codes of its user, who is created if necessary."""
    with closing(Service.open(folder)) as service:
        return asyncio.run(_read(service))


async def _read(service: Service) -> list[str]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
        return await (await Caller(http, service).sign_in()).codes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with codes in it."""
    folder = tmp_path / "mfa"
    _codes(folder)
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time for which the service waits for a lock."""
    connect = sqlite_connection.connect
    monkeypatch.setattr(sqlite, "connect", lambda path, _timeout: connect(path, 0.05))


def _refused(folder: Path, kind: type[ServiceError], environment_id: str | None = None) -> ServiceError:
    """Check that opening a folder raises this error and changes nothing."""
    before = _contents(folder)
    with pytest.raises(kind) as caught:
        Service.open(folder, environment_id=environment_id)
    assert _contents(folder) == before
    error = caught.value
    assert error.exit_code is (ExitCode.USAGE if kind is FolderNotUsableError else ExitCode.NOT_REACHED)
    for sentence in (error.message, error.impact, error.hint):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    return error


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    # The shared-memory index is temporary: opening a database creates it.
    return {path.name: path.read_bytes() for path in files if not path.name.endswith(("-shm", "-wal"))}


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mfa").write_text("not a folder")
    _refused(tmp_path / "mfa", FolderNotUsableError)
    _refused(tmp_path / "mfa" / "deeper", FolderNotUsableError)


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    Service.open(folder).close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"b": 0o700, "outbox": 0o700, "mfa.sqlite3": 0o600, "keys.json": 0o600}


def test_opening_again_keeps_the_environment_and_the_codes(folder: Path) -> None:
    with closing(Service.open(folder)) as first, closing(Service.open(folder)) as second:
        assert first.environment_id == second.environment_id
    assert _codes(folder) == _codes(folder)


def test_another_environment_id_is_refused(folder: Path) -> None:
    with closing(Service.open(folder)) as service:
        environment_id = service.environment_id
    Service.open(folder, environment_id=environment_id).close()
    error = _refused(folder, EnvironmentDiffersError, environment_id="00000000-0000-4000-8000-000000000000")
    assert environment_id in error.message


def test_a_missing_key_file_is_not_created_again(folder: Path) -> None:
    codes = _codes(folder)
    held = (folder / "keys.json").read_bytes()
    (folder / "keys.json").unlink()
    _refused(folder, KeyFileMissingError)
    assert not (folder / "keys.json").exists()
    _write(folder / "keys.json", held)
    assert _codes(folder) == codes


def test_the_key_file_of_another_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    Service.open(tmp_path / "other").close()
    _write(folder / "keys.json", (tmp_path / "other" / "keys.json").read_bytes())
    _refused(folder, KeyFileWrongError)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[1]", b'{"version":1}', b"x" * 100_000])
def test_a_damaged_key_file_is_refused(folder: Path, content: bytes) -> None:
    _write(folder / "keys.json", content)
    _refused(folder, KeyFileWrongError)


def test_a_truncated_key_file_is_refused(folder: Path) -> None:
    _write(folder / "keys.json", (folder / "keys.json").read_bytes()[:-10])
    _refused(folder, KeyFileWrongError)


@posix
def test_a_key_file_that_others_can_read_is_refused(folder: Path) -> None:
    (folder / "keys.json").chmod(0o640)
    error = _refused(folder, FolderNotPrivateError)
    assert "chmod go= " in error.hint
    assert "rotate the codes" in error.hint


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.3, 0.9])
def test_a_truncated_database_is_refused(folder: Path, kept: float) -> None:
    database = folder / "mfa.sqlite3"
    held = database.read_bytes()
    database.write_bytes(held[: int(len(held) * kept)])
    _refused(folder, DatabaseDamagedError if kept else DatabaseMissingError)


def test_a_missing_database_is_not_created_again(folder: Path) -> None:
    (folder / "mfa.sqlite3").unlink()
    with pytest.raises(DatabaseMissingError):
        Service.open(folder)
    with pytest.raises(DatabaseMissingError):
        Service.open(folder)


def test_a_file_that_is_not_a_database_is_refused(folder: Path) -> None:
    (folder / "mfa.sqlite3").write_bytes(os.urandom(8192))
    _refused(folder, DatabaseDamagedError)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mfa.sqlite3")) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    (tmp_path / "mfa.sqlite3").chmod(0o600)
    (tmp_path / "outbox").mkdir(mode=0o700)
    _refused(tmp_path, DatabaseForeignError)


def test_a_database_of_a_later_version_is_refused(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _refused(folder, DatabaseTooNewError)


@pytest.mark.usefixtures("quick")
def test_a_locked_database_opens_after_it_is_unlocked(folder: Path) -> None:
    codes = _codes(folder)
    with closing(sqlite3.connect(folder / "mfa.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        _refused(folder, DatabaseLockedError)
    assert _codes(folder) == codes


def _open_unprivileged(folder: Path) -> subprocess.CompletedProcess[str]:
    """Open a folder in a process without root's permissions."""
    script = (
        "import os, sys, pathlib; from mfa_tui.server.service import Service\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: Service.open(pathlib.Path(sys.argv[1])).close()\n"
        "except Exception as error: print(type(error).__name__)\n"
        "else: print('opened')"
    )
    return subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)


@pytest.fixture
def unprivileged_folder(folder: Path, tmp_path: Path) -> Iterator[Callable[[int, int], Path]]:
    """Return a function that gives the folder, with these modes, to an unprivileged user."""

    def give(folder_mode: int, file_mode: int) -> Path:
        for path in (*tmp_path.parents, tmp_path):
            if any(part.startswith("pytest-of-") for part in path.parts):
                path.chmod(path.stat().st_mode | 0o055)
        for path in (*folder.rglob("*"), folder):
            if os.geteuid() == 0:
                os.chown(path, 65534, 65534)
            path.chmod(folder_mode if path.is_dir() else file_mode)
        return folder

    yield give
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)


@posix
def test_the_owner_can_open_a_folder(unprivileged_folder: Callable[[int, int], Path]) -> None:
    assert _open_unprivileged(unprivileged_folder(0o700, 0o600)).stdout == "opened\n"


@posix
def test_a_read_only_database_is_refused(unprivileged_folder: Callable[[int, int], Path]) -> None:
    assert _open_unprivileged(unprivileged_folder(0o700, 0o400)).stdout == f"{DatabaseReadOnlyError.__name__}\n"


@posix
def test_a_database_in_a_read_only_folder_is_refused(unprivileged_folder: Callable[[int, int], Path]) -> None:
    assert _open_unprivileged(unprivileged_folder(0o500, 0o600)).stdout == f"{DatabaseReadOnlyError.__name__}\n"


@posix
def test_a_read_only_folder_is_refused(unprivileged_folder: Callable[[int, int], Path]) -> None:
    folder = unprivileged_folder(0o500, 0o600) / "deeper"
    assert _open_unprivileged(folder).stdout == f"{FolderNotUsableError.__name__}\n"


def test_a_start_succeeds_after_one_with_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(DiskFullError):
            Service.open(tmp_path / "mfa")
    assert len(_codes(tmp_path / "mfa")) == 10


@pytest.mark.parametrize(("cut_off_at", "real"), [("os.fsync", os.fsync), ("pathlib.Path.replace", Path.replace)])
def test_a_start_completes_an_interrupted_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_off_at: str, real: Callable[..., object]
) -> None:
    calls = 0
    for allowed in range(10):
        folder = tmp_path / str(allowed)
        with monkeypatch.context() as patched:
            calls = 0

            def cut_off(*arguments: object) -> object:
                nonlocal calls
                calls += 1
                if calls > allowed:  # noqa: B023 - called in this iteration only
                    raise KeyboardInterrupt
                return real(*arguments)

            patched.setattr(cut_off_at, cut_off)
            try:
                Service.open(folder).close()
            except KeyboardInterrupt:
                pass
            else:
                break
        assert len(_codes(folder)) == 10
    else:
        pytest.fail("the start was never finished")
    assert calls > 0


def test_concurrent_first_starts_create_one_environment(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from mfa_tui.server.service import Service\n"
        "service = Service.open(pathlib.Path(sys.argv[1])); print(service.environment_id); service.close()"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, tmp_path / "mfa"], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    environments = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 6
    assert len(environments) == 1


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def test_an_old_version_of_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(SqliteTooOldError):
        Service.open(tmp_path / "mfa")
    assert not (tmp_path / "mfa").exists()


def test_a_database_without_its_tables_is_refused(folder: Path) -> None:
    for statement in ("DELETE FROM environment", "DROP TABLE environment"):
        with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database, database:
            database.execute(statement)
        with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _refused(folder, DatabaseDamagedError)


_TAKE_WRITE_LOCK = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


@posix
@pytest.mark.usefixtures("quick")
def test_opening_keeps_the_locks_of_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when another store creates the database between a look for the file and its creation."""
    path = tmp_path / "mfa.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with monkeypatch.context() as patch:
            patch.setattr(os, "utime", _not_found)
            with pytest.raises(DatabaseLockedError):
                sqlite.SqliteStore(path, time.time).prepare(lambda _db, _version: None)
        command = [sys.executable, "-c", _TAKE_WRITE_LOCK, str(path)]
        assert "locked" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


def _not_found(*_arguments: object) -> None:
    raise FileNotFoundError


def test_a_service_works_after_another_of_its_process_closes(folder: Path) -> None:
    with closing(Service.open(folder)) as service:
        codes = asyncio.run(_read(service))
        assert _codes(folder) == codes  # opens and closes another one
        assert asyncio.run(_read(service)) == codes
