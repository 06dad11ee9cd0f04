"""Walls off the user's own folders, and opens accounts on a real embedded service."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.storage.paths import AppPaths


@pytest.fixture(scope="session", autouse=True)
def no_keyring() -> None:
    """Without a keyring: this machine's, or one that a test defines, would keep sessions from one test to the next."""
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # keyring annotates nothing here


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, with nothing in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "NO_COLOR", "SSH_TTY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def places(tmp_path: Path) -> AppPaths:
    """Folders of the test's own."""
    return AppPaths(config=tmp_path / "config", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
async def account(places: AppPaths) -> AsyncIterator[Account]:
    """The embedded default's account, signed in, with its codes read and not yet said to be saved."""
    async with connection.open_account(places) as opened:
        await opened.sign_in_automatically()
        await opened.read_codes()
        yield opened


@pytest.fixture
def mfa_tui() -> str:
    """The installed command."""
    return str(Path(sys.executable).with_name("mfa-tui"))
