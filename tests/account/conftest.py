"""Accounts on a real embedded service, with a line in between that a test can fault."""

from collections.abc import AsyncIterator

import pytest

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.client import transport
from mfa_tui.storage.paths import AppPaths
from tests.support.timing import FAST
from tests.support.transport import FaultyTransport


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> FaultyTransport:
    network = FaultyTransport()
    monkeypatch.setattr(transport, "in_process", network.to)
    return network


@pytest.fixture
async def signed_out(places: AppPaths, network: FaultyTransport) -> AsyncIterator[Account]:  # noqa: ARG001 - it is what leads there
    """The embedded default's account, with nobody signed in."""
    async with connection.open_account(places, timing=FAST) as opened:
        yield opened


@pytest.fixture
async def account(signed_out: Account) -> Account:
    """One that is signed in, with its codes read and not yet said to be saved."""
    await signed_out.sign_in_automatically()
    await signed_out.read_codes()
    return signed_out


@pytest.fixture
async def saved(account: Account) -> Account:
    """One whose codes are said to be saved, so that the next sign-in is challenged."""
    await account.acknowledge_recovery_codes()
    return account
