"""Authenticator apps: added, confirmed, listed, made the default, removed with a step-up."""

import pyotp
import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.errors import AuthenticatorExistsError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import FactorKind, parse_code
from mfa_tui.client import errors
from mfa_tui.protocol import models
from mfa_tui.server import step_up
from tests.support.facts import codes
from tests.support.transport import WHO, FaultyTransport, refuses

REGISTER = "GET /users/mfa/register/totp"


async def add_app(account: Account) -> models.TotpRegistration:
    registration = await account.register_totp_mfa_device()
    code = pyotp.TOTP(registration.secret.reveal()).now()
    await account.confirm_totp_mfa_device(registration, parse_code(code))
    return registration


async def test_app_is_added_when_its_first_code_is_confirmed(account: Account) -> None:
    registration = await account.register_totp_mfa_device()
    (device,) = await account.get_mfa_devices()
    assert (device.id, device.verified) == (registration.id, False)
    with pytest.raises(errors.InvalidCodeError):
        await account.confirm_totp_mfa_device(registration, parse_code("000 00x"))
    code = pyotp.TOTP(registration.secret.reveal()).now()
    await account.confirm_totp_mfa_device(registration, parse_code(code))
    (device,) = await account.get_mfa_devices()
    assert device.verified
    await account.sign_in_automatically()
    assert account.state.stage is Stage.CHALLENGE_PENDING
    assert await account.list_challenge_factors() == [FactorKind.TOTP, FactorKind.RECOVERY]


async def test_second_app_is_refused_and_the_session_stays(account: Account) -> None:
    await add_app(account)
    with pytest.raises(AuthenticatorExistsError, match="only one"):
        await account.register_totp_mfa_device()


async def test_adding_an_app_asks_to_sign_in_after_the_session_ends(account: Account, network: FaultyTransport) -> None:
    network.faults |= {REGISTER: refuses(401, {"error": "no"}), WHO: refuses(401, {"error": "no"})}
    with pytest.raises(errors.NotSignedInError):
        await account.register_totp_mfa_device()


async def test_removing_an_app_requires_a_factor_each_time(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    await add_app(account)
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    (device,) = await account.get_mfa_devices()
    with pytest.raises(errors.StepUpRequiredError):
        await account.delete_mfa_device(device)
    await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)
    await account.delete_mfa_device(device)
    assert await account.get_mfa_devices() == ()


async def test_app_becomes_the_default(account: Account) -> None:
    await add_app(account)
    (device,) = await account.get_mfa_devices()
    await account.set_default_mfa_device(device)
    (device,) = await account.get_mfa_devices()
    assert device.default
