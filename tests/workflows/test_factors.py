"""Removing and adding authenticator apps, declined."""

from mfa_tui.account.account import Account
from mfa_tui.workflows import messages
from mfa_tui.workflows.factors import add_authenticator, list_factors, remove
from tests.support.scripted_ui import ScriptedUI


async def test_declined_registration_does_not_add_the_app(account: Account) -> None:
    ui = ScriptedUI("000000", None)
    assert not await add_authenticator(account, ui)
    assert "Not accepted" in ui.shown[-2]
    assert ui.shown[-1] == messages.AUTHENTICATOR_NOT_ADDED


async def test_declined_removal_keeps_the_app(account: Account) -> None:
    await account.register_totp_mfa_device()
    before = await list_factors(account, ScriptedUI())
    ui = ScriptedUI(False)
    assert not await remove(account, ui, before[0])
    assert await list_factors(account, ui) == before
    assert ui.shown == []
