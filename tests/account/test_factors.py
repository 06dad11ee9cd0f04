"""Authenticator apps: added, confirmed, listed, made the default, removed with a step-up."""

import pyotp
import pytest

from mfa_tui.account import challenge, factors, session
from mfa_tui.account.account import Account
from mfa_tui.account.factors import HasAppError
from mfa_tui.account.state import Stage
from mfa_tui.client import errors
from mfa_tui.protocol import models
from tests.support.facts import codes
from tests.support.transport import WHO, FaultyTransport, refuses

REGISTER = "GET /users/mfa/register/totp"


async def add_app(account: Account) -> models.TotpRegistration:
    registration = await factors.register(account)
    code = pyotp.TOTP(registration.secret.reveal()).now()
    await factors.confirm(account, registration, challenge.read_typed(code))
    return registration


async def test_an_app_counts_once_its_first_code_is_confirmed(account: Account) -> None:
    registration = await factors.register(account)
    (device,) = await factors.devices(account)
    assert (device.id, device.verified) == (registration.id, False)
    with pytest.raises(errors.InvalidCodeError):
        await factors.confirm(account, registration, challenge.read_typed("000 00x"))
    code = pyotp.TOTP(registration.secret.reveal()).now()
    await factors.confirm(account, registration, challenge.read_typed(code))
    (device,) = await factors.devices(account)
    assert device.verified
    await session.sign_in_unattended(account)
    assert account.state.stage is Stage.CHALLENGE_PENDING
    assert await challenge.factors(account) == ["authenticator code", "recovery code"]


async def test_a_second_app_is_refused_as_such_and_not_as_the_end_of_the_session(account: Account) -> None:
    await add_app(account)
    with pytest.raises(HasAppError, match="only one"):
        await factors.register(account)


async def test_adding_an_app_in_a_session_that_has_ended_asks_to_sign_in(
    account: Account, network: FaultyTransport
) -> None:
    network.faults |= {REGISTER: refuses(401, {"error": "no"}), WHO: refuses(401, {"error": "no"})}
    with pytest.raises(errors.NotSignedInError):
        await factors.register(account)


async def test_removing_an_app_takes_a_factor_each_time(account: Account) -> None:
    await add_app(account)
    (device,) = await factors.devices(account)
    with pytest.raises(errors.StepUpRequiredError):
        await factors.remove(account, device)
    await challenge.use(account, challenge.read_typed(codes(account)[0].reveal()), step_up=True)
    await factors.remove(account, device)
    assert await factors.devices(account) == ()


async def test_an_app_is_made_the_one_that_is_asked_for_first(account: Account) -> None:
    await add_app(account)
    (device,) = await factors.devices(account)
    await factors.make_default(account, device)
    (device,) = await factors.devices(account)
    assert device.default
