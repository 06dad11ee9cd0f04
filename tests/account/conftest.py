"""Accounts on a real embedded service, with a line in between that a test can bend."""

from collections.abc import AsyncIterator

import pytest

from mfa_tui import connect
from mfa_tui.account import recovery, rotation, session
from mfa_tui.account.account import Account
from mfa_tui.dynamic import transport
from mfa_tui.storage.places import Places
from tests.account.line import Line


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SETTLING", (0.0,) * len(rotation.SETTLING))


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line()
    monkeypatch.setattr(transport, "in_process", line.to)
    return line


@pytest.fixture
async def stranger(places: Places, line: Line) -> AsyncIterator[Account]:  # noqa: ARG001 - it is what leads there
    """The embedded default's account, with nobody signed in."""
    async with connect.open_account(places) as opened:
        yield opened


@pytest.fixture
async def account(stranger: Account) -> Account:
    """One that is signed in, with its codes read and not yet said to be saved."""
    await session.sign_in_unattended(stranger)
    await recovery.read(stranger)
    return stranger


@pytest.fixture
async def saved(account: Account) -> Account:
    """One whose codes are said to be saved, so that the next sign-in is challenged."""
    await recovery.acknowledge(account)
    return account
