import stat
from email.utils import parsedate_to_datetime

import pytest

from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock, mails


async def _sign_in_with(caller: Caller, verification_id: str, code: str) -> tuple[int, str | None]:
    body = {"verificationUUID": verification_id, "verificationToken": code}
    response = await caller.call("POST", "/emailVerifications/signin", body)
    return response.status_code, response.json().get("code")


def _wrong_code(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_the_mail_contains_the_verification_id_and_the_code(anyone: Caller, clock: Clock) -> None:
    verification_id = await anyone.ask_for_code()
    (mail,) = mails(anyone.service)
    assert mail["X-Verification-UUID"] == verification_id
    assert mail["To"] == "ada@example.org"
    assert mail["From"]
    assert mail["Message-ID"]
    assert parsedate_to_datetime(mail["Date"]).timestamp() == clock.now
    assert anyone.mailed_code(verification_id).isdigit()


async def test_only_the_owner_can_read_a_mail(anyone: Caller) -> None:
    await anyone.ask_for_code()
    (path,) = anyone.service.outbox.iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_code_signs_in_once(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    assert await _sign_in_with(anyone, verification_id, code) == (200, None)
    assert await _sign_in_with(anyone, verification_id, code) == (422, "wrong_email_verification_token")


async def test_three_wrong_codes_end_the_verification(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    for _ in range(3):
        assert await _sign_in_with(anyone, verification_id, _wrong_code(code)) == (
            422,
            "wrong_email_verification_token",
        )
    assert await _sign_in_with(anyone, verification_id, code) == (422, "too_many_email_verification_attempts")
    again = await anyone.call(
        "POST", "/emailVerifications/retry", {"verificationUUID": verification_id, "email": "ada@example.org"}
    )
    assert again.json()["code"] == "too_many_email_verification_attempts"


async def test_a_code_expires_after_ten_minutes(anyone: Caller, clock: Clock) -> None:
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    clock.tick(600)
    assert await _sign_in_with(anyone, verification_id, code) == (422, "wrong_email_verification_token")


async def test_a_resent_code_replaces_the_earlier_one(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    old = anyone.mailed_code(verification_id)
    body = {"verificationUUID": verification_id, "email": "ada@example.org"}
    response = await anyone.call("POST", "/emailVerifications/retry", body)
    assert response.json() == body
    new = anyone.mailed_code(verification_id)
    if old != new:
        assert (await _sign_in_with(anyone, verification_id, old))[0] == 422
    assert (await _sign_in_with(anyone, verification_id, new))[0] == 200


async def test_resending_a_code_allows_no_more_attempts(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    body = {"verificationUUID": verification_id, "email": "ada@example.org"}
    for _ in range(3):
        assert (await anyone.call("POST", "/emailVerifications/retry", body)).status_code == 201
        wrong = _wrong_code(anyone.mailed_code(verification_id))
        assert await _sign_in_with(anyone, verification_id, wrong) == (422, "wrong_email_verification_token")
    response = await anyone.call("POST", "/emailVerifications/retry", body)
    assert response.json()["code"] == "too_many_email_verification_attempts"
    code = anyone.mailed_code(verification_id)
    assert await _sign_in_with(anyone, verification_id, code) == (422, "too_many_email_verification_attempts")


async def test_a_code_is_not_resent_to_another_address(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    body = {"verificationUUID": verification_id, "email": "mallory@example.org"}
    response = await anyone.call("POST", "/emailVerifications/retry", body)
    assert response.json()["code"] == "wrong_email_verification_token"
    assert len(mails(anyone.service)) == 1


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example.org\r\nBcc: mallory@example.org",
        "ada@example.org\n",
        "a b@example.org",
        "ada@exa mple.org",
        "ädä@example.org",
        "a@b@example.org",
        '"a b"@example.org',
        "a" * 65 + "@example.org",
        "a@" + "b" * 300,
    ],
)
async def test_an_invalid_address_is_refused(anyone: Caller, email: str) -> None:
    response = await anyone.call("POST", "/emailVerifications/create", {"email": email})
    assert response.status_code == 400
    assert mails(anyone.service) == []


async def test_the_response_does_not_reveal_if_an_address_is_known(anyone: Caller) -> None:
    await anyone.sign_in("known@example.org")
    responses = [
        await anyone.call("POST", "/emailVerifications/create", {"email": f"{name}@example.org"})
        for name in ("known", "unknown")
    ]
    shapes = [(response.status_code, sorted(response.json()), sorted(response.headers)) for response in responses]
    assert shapes[0] == shapes[1]


async def test_verify_issues_an_elevated_token_only_without_a_factor(ada: Caller) -> None:
    async def verify() -> object:
        verification_id = await ada.ask_for_code()
        body = {
            "verificationUUID": verification_id,
            "verificationToken": ada.mailed_code(verification_id),
            "requestedScopes": ["credential:link"],
        }
        response = await ada.call("POST", "/emailVerifications/verify", body)
        assert response.status_code == 200
        assert response.json()["nextView"] == "done"
        return response.json()["elevatedAccessToken"]

    assert await verify()
    await ada.codes()
    await ada.acknowledge()
    assert await verify() is None


async def test_verify_refuses_a_code_sent_to_another_address(ada: Caller) -> None:
    verification_id = await ada.ask_for_code("mallory@example.org")
    body = {"verificationUUID": verification_id, "verificationToken": ada.mailed_code(verification_id)}
    assert (await ada.call("POST", "/emailVerifications/verify", body)).status_code == 400
    # The refusal is rolled back, so the code can still be used for its own address.
    assert (await ada.call("POST", "/emailVerifications/signin", body)).status_code == 200


async def test_expired_verifications_are_deleted_with_their_mails(
    anyone: Caller, service: Service, clock: Clock
) -> None:
    for number in range(30):
        await anyone.ask_for_code(f"user{number}@example.org")
    clock.tick(601)
    for _ in range(3):
        await anyone.ask_for_code()
    assert len(mails(service)) == 3


async def test_an_invalid_address_has_a_plain_error_text(anyone: Caller) -> None:
    response = await anyone.call("POST", "/emailVerifications/create", {"email": "ada@"})
    assert response.status_code == 400
    assert response.json()["error"] == "That is not an e-mail address."
