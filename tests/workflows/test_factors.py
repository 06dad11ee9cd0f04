"""Removing and adding authenticator apps, declined."""

import pyotp
import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.typed_code import parse_code
from mfa_tui.workflows import messages
from mfa_tui.workflows.factors import add_authenticator, can_add_authenticator, list_factors, remove
from tests.support.scripted_ui import ScriptedUI
from tests.support.transport import FaultyTransport, refuses


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_service_without_passkeys_lists_the_apps(account: Account, network: FaultyTransport, status: int) -> None:
    await account.register_totp_mfa_device()
    network.faults["GET /users/passkeys"] = refuses(status, {"error": "Not found"})
    (factor,) = await list_factors(account, ScriptedUI())
    assert not factor.is_passkey


async def test_declined_registration_does_not_add_the_app(account: Account) -> None:
    ui = ScriptedUI("000000", None)
    assert not await add_authenticator(account, ui)
    assert "Not accepted" in ui.shown[-2]
    assert ui.shown[-1] == messages.AUTHENTICATOR_NOT_ADDED
    assert await list_factors(account, ui) == ()


async def test_declined_removal_keeps_the_app(account: Account) -> None:
    await account.register_totp_mfa_device()
    before = await list_factors(account, ScriptedUI())
    ui = ScriptedUI(False)
    assert not await remove(account, ui, before[0])
    assert await list_factors(account, ui) == before
    assert ui.shown == []


async def test_unconfirmed_app_cannot_become_the_default(account: Account) -> None:
    await account.register_totp_mfa_device()
    found = await list_factors(account, ScriptedUI())
    assert not found[0].can_become_default
    assert can_add_authenticator(found)


async def test_second_app_is_not_offered_after_one_is_confirmed(account: Account) -> None:
    registration = await account.register_totp_mfa_device()
    code = pyotp.TOTP(registration.secret.reveal()).now()
    await account.confirm_totp_mfa_device(registration, parse_code(code))
    assert not can_add_authenticator(await list_factors(account, ScriptedUI()))
