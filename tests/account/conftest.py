"""Accounts on a real built-in service, over a transport that a test can fault."""

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
async def signed_out(places: AppPaths, network: FaultyTransport) -> AsyncIterator[Account]:  # noqa: ARG001 - routes the requests
    """The built-in service's account, signed out."""
    async with connection.open_account(places, timing=FAST) as opened:
        yield opened


@pytest.fixture
async def account(signed_out: Account) -> Account:
    """An account that is signed in, with its codes read and not yet acknowledged."""
    await signed_out.sign_in_automatically()
    await signed_out.read_codes()
    return signed_out


@pytest.fixture
async def saved(account: Account) -> Account:
    """An account with acknowledged codes, so that the next sign-in has a challenge."""
    await account.acknowledge_recovery_codes(account.state.codes)
    return account
