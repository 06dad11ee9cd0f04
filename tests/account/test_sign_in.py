"""Signing in with an e-mailed code: if it cannot succeed, no e-mail is sent."""

from pathlib import Path

import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidEmailAddressError, InvalidEmailCodeInputError, UnsupportedSignInError
from mfa_tui.account.sessions import sign_in_obstacles
from mfa_tui.account.state import Stage
from mfa_tui.client import errors
from mfa_tui.protocol import codec
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths
from tests.support.transport import SETTINGS, FaultyTransport, changes

SIGN_IN = "POST /emailVerifications/signin"
SEND = "POST /emailVerifications/create"
EMAIL = "you@embedded.localhost"


def settings(**security: object) -> ProjectSettings:
    return codec.convert({"security": security}, ProjectSettings)


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        ({}, ""),
        ({"captcha": None, "auth": None}, ""),
        ({"captcha": {"enabled": False}}, ""),
        ({"captcha": {"enabled": "yes"}}, ""),
        ({"captcha": {"enabled": True, "provider": "hcaptcha"}}, "captcha"),
        ({"auth": {"storage": []}}, ""),
        ({"auth": {"storage": ["cookie", "localStorage"]}}, ""),
        ({"auth": {"storage": ["cookie"]}}, "cookies"),
        ({"auth": {"storage": ["secureCookie"]}}, "cookies"),
    ],
)
def test_obstacles_are_found_in_the_settings(security: dict[str, object], expected: str) -> None:
    found = sign_in_obstacles(settings(**security))
    assert len(found) == bool(expected)
    assert expected in "".join(found)


async def test_no_email_is_sent_if_sign_in_is_impossible(signed_out: Account, network: FaultyTransport) -> None:
    network.faults[SETTINGS] = changes(lambda body: body | {"security": {"captcha": {"enabled": True}}})
    with pytest.raises(UnsupportedSignInError, match=r"captcha.*browser"):
        await signed_out.request_email_code(signed_out.client.environment_id, EMAIL)
    assert network.noted == [SETTINGS]


async def test_sign_in_takes_three_requests(signed_out: Account, network: FaultyTransport) -> None:
    verification = await signed_out.request_email_code(signed_out.client.environment_id, EMAIL)
    assert signed_out._mailbox is not None
    code = await signed_out._mailbox.code_from(verification.verification_uuid)
    await signed_out.sign_in(verification.verification_uuid, code)
    assert network.noted == [SETTINGS, SEND, SIGN_IN]
    assert signed_out.profile.email == EMAIL


async def test_missing_environment_is_reported(signed_out: Account) -> None:
    with pytest.raises(errors.UnknownEnvironmentError):
        await signed_out.request_email_code("b4c1e6a2-0000-4000-8000-000000000000", EMAIL)


async def test_newest_email_is_read_after_a_resend(signed_out: Account) -> None:
    verification = await signed_out.send_email_code(EMAIL)
    again = await signed_out.send_email_code(verification.email)
    assert signed_out._mailbox is not None
    code = await signed_out._mailbox.code_from(again.verification_uuid)
    await signed_out.sign_in(again.verification_uuid, code)
    assert signed_out.state.stage is Stage.READY


async def test_fourth_wrong_code_invalidates_the_verification(signed_out: Account) -> None:
    verification = await signed_out.send_email_code(EMAIL)
    for _ in range(3):
        with pytest.raises(errors.WrongEmailCodeError, match="newest e-mail"):
            await signed_out.sign_in(verification.verification_uuid, Secret("000000"))
    with pytest.raises(errors.EmailCodeExhaustedError, match="new code"):
        await signed_out.sign_in(verification.verification_uuid, Secret("000000"))
    assert signed_out.state.stage is Stage.NO_SESSION


@pytest.mark.parametrize("typed", ["{} {}", "{}-{}", " {}\N{NO-BREAK SPACE}{}\n", "{}\N{EN DASH}{}"])
async def test_email_code_is_parsed_in_common_spellings(signed_out: Account, typed: str) -> None:
    verification = await signed_out.send_email_code(EMAIL)
    assert signed_out._mailbox is not None
    code = (await signed_out._mailbox.code_from(verification.verification_uuid)).reveal()
    await signed_out.sign_in(verification.verification_uuid, Secret(typed.format(code[:3], code[3:])))
    assert signed_out.state.stage is Stage.READY


async def test_new_code_starts_a_fresh_count_of_attempts(signed_out: Account) -> None:
    burnt = await signed_out.send_email_code(EMAIL)
    for _ in range(3):
        with pytest.raises(errors.WrongEmailCodeError):
            await signed_out.sign_in(burnt.verification_uuid, Secret("000000"))
    fresh = await signed_out.send_email_code(burnt.email)
    with pytest.raises(errors.WrongEmailCodeError):  # five wrong codes would start the waits
        await signed_out.sign_in(fresh.verification_uuid, Secret("000000"))
    assert signed_out._mailbox is not None
    await signed_out.sign_in(fresh.verification_uuid, await signed_out._mailbox.code_from(fresh.verification_uuid))
    assert signed_out.state.stage is Stage.READY


async def test_response_without_a_token_is_no_session(signed_out: Account, network: FaultyTransport) -> None:
    network.faults[SIGN_IN] = changes(lambda body: {name: body[name] for name in ("user", "expiresAt")})
    with pytest.raises(errors.NotSignedInError):
        await signed_out.sign_in_automatically()


async def test_older_token_is_used_without_a_newer_one(signed_out: Account, network: FaultyTransport) -> None:
    network.faults[SIGN_IN] = changes(
        lambda body: {"user": body["user"], "expiresAt": body["expiresAt"], "jwt": body["minifiedJwt"]}
    )
    await signed_out.sign_in_automatically()
    assert (await signed_out.client.get_user(signed_out._token)).id == signed_out.user.id


async def test_email_taken_by_another_program_is_skipped(signed_out: Account, places: AppPaths) -> None:
    await signed_out.send_email_code(EMAIL)
    (outbox,) = {path.parent for path in places.data.rglob("*.eml")}
    (outbox / "0.eml").symlink_to(Path("nowhere"))
    assert signed_out._mailbox is not None
    with pytest.raises(errors.EmailCodeExhaustedError):  # after reading all of them
        await signed_out._mailbox.code_from("another")


async def test_email_is_read_once(signed_out: Account) -> None:
    verification = await signed_out.send_email_code(EMAIL)
    assert signed_out._mailbox is not None
    await signed_out._mailbox.code_from(verification.verification_uuid)
    with pytest.raises(errors.EmailCodeExhaustedError):
        await signed_out._mailbox.code_from(verification.verification_uuid)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x", "\u0661" * 6, "one two"])
async def test_invalid_email_code_is_not_sent(signed_out: Account, network: FaultyTransport, typed: str) -> None:
    verification = await signed_out.send_email_code(EMAIL)
    with pytest.raises(InvalidEmailCodeInputError, match=r"6 digits.*no attempt was used up"):
        await signed_out.sign_in(verification.verification_uuid, Secret(typed))
    assert SIGN_IN not in network.noted


@pytest.mark.parametrize("typed", ["", "you", "you@", "@embedded.localhost", "you@a@b", "you at home"])
async def test_half_an_address_is_told_and_nothing_is_sent(
    signed_out: Account, network: FaultyTransport, typed: str
) -> None:
    with pytest.raises(InvalidEmailAddressError, match="not an e-mail address"):
        await signed_out.request_email_code(signed_out.client.environment_id, typed)
    with pytest.raises(InvalidEmailAddressError):
        await signed_out.send_email_code(typed)
    assert network.noted == []
