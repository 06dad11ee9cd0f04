"""Accounts of the account tests, and one with a pending challenge."""

import pytest

from mfa_tui.account.account import Account
from tests.account.conftest import account, network, saved, signed_out

__all__ = ["account", "network", "pending", "saved", "signed_out"]


@pytest.fixture
async def pending(saved: Account) -> Account:
    """An account with a pending challenge and with its codes still at hand."""
    await saved.sign_in_automatically()
    return saved
