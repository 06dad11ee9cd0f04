"""Signing in with a code from a mail: what stands in the way is said before anything is sent."""

from pathlib import Path

import pytest

from mfa_tui import wire
from mfa_tui.account import session
from mfa_tui.account.account import Account
from mfa_tui.account.session import CannotSignInError, NotAMailCodeError, NotAnAddressError
from mfa_tui.account.state import Stage
from mfa_tui.dynamic import errors
from mfa_tui.secrecy import Secret
from mfa_tui.storage.places import Places
from tests.account.line import SETTINGS, Line, changes

SIGN_IN = "POST /emailVerifications/signin"
SEND = "POST /emailVerifications/create"
EMAIL = "you@embedded.localhost"


def settings(**security: object) -> wire.ProjectSettings:
    return wire.convert({"security": security}, wire.ProjectSettings)


@pytest.mark.parametrize(
    ("security", "said"),
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
def test_what_a_terminal_cannot_do_is_found_in_the_settings(security: dict[str, object], said: str) -> None:
    found = session.obstacles(settings(**security))
    assert len(found) == bool(said)
    assert said in "".join(found)


async def test_no_mail_is_sent_where_signing_in_cannot_end_well(stranger: Account, line: Line) -> None:
    line.bends[SETTINGS] = changes(lambda body: body | {"security": {"captcha": {"enabled": True}}})
    with pytest.raises(CannotSignInError, match=r"captcha.*browser"):
        await session.request_code(stranger, stranger.client.environment_id, EMAIL)
    assert line.noted == [SETTINGS]


async def test_from_an_address_to_a_session_takes_three_requests(stranger: Account, line: Line) -> None:
    verification = await session.request_code(stranger, stranger.client.environment_id, EMAIL)
    assert stranger.mailbox is not None
    code = await stranger.mailbox.code_from(verification.verification_uuid)
    await session.sign_in(stranger, verification.verification_uuid, code)
    assert line.noted == [SETTINGS, SEND, SIGN_IN]
    assert stranger.profile.email == EMAIL


async def test_an_environment_that_does_not_exist_is_told(stranger: Account) -> None:
    with pytest.raises(errors.UnknownEnvironment):
        await session.request_code(stranger, "b4c1e6a2-0000-4000-8000-000000000000", EMAIL)


async def test_the_newest_mail_is_read_when_a_code_was_sent_again(stranger: Account) -> None:
    verification = await session.send_code(stranger, EMAIL)
    again = await session.resend_code(stranger, verification)
    assert stranger.mailbox is not None
    code = await stranger.mailbox.code_from(again.verification_uuid)
    await session.sign_in(stranger, again.verification_uuid, code)
    assert stranger.state.stage is Stage.AT_HOME


async def test_a_wrong_code_has_its_own_sentence_and_is_burnt_at_the_fourth_try(stranger: Account) -> None:
    verification = await session.send_code(stranger, EMAIL)
    for _ in range(3):
        with pytest.raises(errors.WrongEmailCode, match="newest mail"):
            await session.sign_in(stranger, verification.verification_uuid, Secret("000000"))
    with pytest.raises(errors.EmailCodeBurnt, match="new code"):
        await session.sign_in(stranger, verification.verification_uuid, Secret("000000"))
    assert stranger.state.stage is Stage.NO_SESSION


@pytest.mark.parametrize("typed", ["{} {}", "{}-{}", " {}\N{NO-BREAK SPACE}{}\n", "{}\N{EN DASH}{}"])
async def test_the_code_from_the_mail_is_taken_as_people_group_it(stranger: Account, typed: str) -> None:
    verification = await session.send_code(stranger, EMAIL)
    assert stranger.mailbox is not None
    code = (await stranger.mailbox.code_from(verification.verification_uuid)).reveal()
    await session.sign_in(stranger, verification.verification_uuid, Secret(typed.format(code[:3], code[3:])))
    assert stranger.state.stage is Stage.AT_HOME


async def test_in_place_of_a_code_that_was_tried_too_often_another_one_is_sent(stranger: Account) -> None:
    burnt = await session.send_code(stranger, EMAIL)
    for _ in range(3):
        with pytest.raises(errors.WrongEmailCode):
            await session.sign_in(stranger, burnt.verification_uuid, Secret("000000"))
    fresh = await session.resend_code(stranger, burnt)
    assert stranger.mailbox is not None
    await session.sign_in(stranger, fresh.verification_uuid, await stranger.mailbox.code_from(fresh.verification_uuid))
    assert stranger.state.stage is Stage.AT_HOME


async def test_an_answer_without_a_token_is_no_session(stranger: Account, line: Line) -> None:
    line.bends[SIGN_IN] = changes(lambda body: {name: body[name] for name in ("user", "expiresAt")})
    with pytest.raises(errors.NotSignedIn):
        await session.sign_in_unattended(stranger)


async def test_the_older_token_is_taken_where_there_is_no_other(stranger: Account, line: Line) -> None:
    line.bends[SIGN_IN] = changes(lambda body: {name: body[name] for name in ("user", "expiresAt", "jwt")})
    await session.sign_in_unattended(stranger)
    assert (await stranger.client.get_user(stranger.token)).id == stranger.user.id


async def test_a_mail_that_another_program_takes_meanwhile_is_passed_over(stranger: Account, places: Places) -> None:
    await session.send_code(stranger, EMAIL)
    (outbox,) = {path.parent for path in places.data.rglob("*.eml")}
    (outbox / "0.eml").symlink_to(Path("nowhere"))
    assert stranger.mailbox is not None
    with pytest.raises(errors.EmailCodeBurnt):  # having looked at all of them
        await stranger.mailbox.code_from("another")


async def test_a_mail_is_read_once(stranger: Account) -> None:
    verification = await session.send_code(stranger, EMAIL)
    assert stranger.mailbox is not None
    await stranger.mailbox.code_from(verification.verification_uuid)
    with pytest.raises(errors.EmailCodeBurnt):
        await stranger.mailbox.code_from(verification.verification_uuid)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x", "\u0661" * 6, "one two"])
async def test_what_cannot_be_the_code_from_the_mail_is_not_sent(stranger: Account, line: Line, typed: str) -> None:
    verification = await session.send_code(stranger, EMAIL)
    with pytest.raises(NotAMailCodeError, match=r"6 digits.*no try is used up"):
        await session.sign_in(stranger, verification.verification_uuid, Secret(typed))
    assert SIGN_IN not in line.noted


@pytest.mark.parametrize("typed", ["", "you", "you@", "@embedded.localhost", "you@a@b", "you at home"])
async def test_half_an_address_is_told_and_nothing_is_sent(stranger: Account, line: Line, typed: str) -> None:
    with pytest.raises(NotAnAddressError, match="not an e-mail address"):
        await session.request_code(stranger, stranger.client.environment_id, typed)
    with pytest.raises(NotAnAddressError):
        await session.send_code(stranger, typed)
    assert line.noted == []
