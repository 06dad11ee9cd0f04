"""Isolates tests from the user's folders, and opens accounts on a real built-in service."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import cycle
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from keyring.backends.fail import Keyring as NoKeyring

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.redaction import Secret
from mfa_tui.server import signing_key
from mfa_tui.storage import set_record
from mfa_tui.storage.paths import AppPaths
from tests.support import postgres
from tests.support.postgres import PostgresServer

MEMORY = Path("/dev/shm")
"""Linux's file system in memory. Most tests open a service of their own, and would wait for the disk at each commit."""

NEEDED = 2 * 1024**3
"""Bytes that all tests together leave plenty of."""

if (
    MEMORY.is_dir()
    and os.access(MEMORY, os.W_OK)
    and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    and shutil.disk_usage(MEMORY).free > NEEDED
):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers for each core: about half of the time, a test waits for a program that it runs."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def no_keyring() -> None:
    """Without a keyring: this machine's, or one that a test defines, would keep sessions from one test to the next."""
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # keyring annotates nothing here


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Accept SIGINT, which a shell has its background jobs ignore, and the programs that tests start with them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder for the test."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "NO_COLOR", "SSH_TTY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _fast_fingerprints() -> None:
    """Make the fingerprints of codes cheap to compute: they are meant to be slow."""
    set_record.COST = 1


@pytest.fixture(autouse=True, scope="session")
def _few_signing_keys() -> Iterator[None]:
    """Give the services that tests open four keys in turn: generating one for each would take a third of the time."""
    keys = cycle(generate_private_key(65_537, 2048) for _ in range(4))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(signing_key, "generate_private_key", lambda _exponent, _bits: next(keys))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server, for all tests of this process; its data would not survive a crash."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Secret:
    """The URL of an empty PostgreSQL database."""
    postgres_server.empty()
    return postgres_server.url()


@pytest.fixture
def places(tmp_path: Path) -> AppPaths:
    """Folders for the test."""
    return AppPaths(config=tmp_path / "config", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
async def account(places: AppPaths) -> AsyncIterator[Account]:
    """The built-in service's account, signed in, with its codes read and not yet acknowledged."""
    async with connection.open_account(places) as opened:
        await opened.sign_in_automatically()
        await opened.read_codes()
        yield opened


@pytest.fixture
def mfa_tui() -> str:
    """The path of the installed command."""
    return str(Path(sys.executable).with_name("mfa-tui"))


@pytest.fixture
def database(home: Path) -> Path:
    """A KeePassXC database with the password "password"."""
    if shutil.which("keepassxc-cli") is None:
        pytest.skip("not installed: keepassxc-cli, which takes 69 MB")
    path = home / "passwords.kdbx"
    create = ["keepassxc-cli", "db-create", "--quiet", "--set-password", "--decryption-time", "100", str(path)]
    subprocess.run(create, input=b"password\npassword\n", check=True, stderr=subprocess.DEVNULL)
    return path
