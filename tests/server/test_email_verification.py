import stat
from email.utils import parsedate_to_datetime

import pytest

from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock, mails


async def _try(caller: Caller, verification_id: str, code: str) -> tuple[int, str | None]:
    body = {"verificationUUID": verification_id, "verificationToken": code}
    answer = await caller.call("POST", "/emailVerifications/signin", body)
    return answer.status_code, answer.json().get("code")


def _another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_the_mail_is_a_file_of_its_own_that_names_its_verification(anyone: Caller, clock: Clock) -> None:
    verification_id = await anyone.ask_for_code()
    (mail,) = mails(anyone.service)
    assert mail["X-Verification-UUID"] == verification_id
    assert mail["To"] == "ada@example.org"
    assert mail["From"]
    assert mail["Message-ID"]
    assert parsedate_to_datetime(mail["Date"]).timestamp() == clock.now
    assert anyone.mailed_code(verification_id).isdigit()


async def test_the_outbox_holds_whole_files_that_only_their_owner_reads(anyone: Caller) -> None:
    await anyone.ask_for_code()
    (path,) = anyone.service.outbox.iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_code_signs_in_once(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    assert await _try(anyone, verification_id, code) == (200, None)
    assert await _try(anyone, verification_id, code) == (422, "wrong_email_verification_token")


async def test_three_wrong_codes_burn_the_verification(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    for _ in range(3):
        assert await _try(anyone, verification_id, _another(code)) == (422, "wrong_email_verification_token")
    assert await _try(anyone, verification_id, code) == (422, "too_many_email_verification_attempts")
    again = await anyone.call(
        "POST", "/emailVerifications/retry", {"verificationUUID": verification_id, "email": "ada@example.org"}
    )
    assert again.json()["code"] == "too_many_email_verification_attempts"


async def test_a_code_is_good_for_ten_minutes(anyone: Caller, clock: Clock) -> None:
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    clock.tick(600)
    assert await _try(anyone, verification_id, code) == (422, "wrong_email_verification_token")


async def test_a_resent_code_takes_the_place_of_the_one_before(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    old = anyone.mailed_code(verification_id)
    body = {"verificationUUID": verification_id, "email": "ada@example.org"}
    answer = await anyone.call("POST", "/emailVerifications/retry", body)
    assert answer.json() == body
    new = anyone.mailed_code(verification_id)
    if old != new:
        assert (await _try(anyone, verification_id, old))[0] == 422
    assert (await _try(anyone, verification_id, new))[0] == 200


async def test_sending_a_code_again_gives_no_more_tries(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    body = {"verificationUUID": verification_id, "email": "ada@example.org"}
    for _ in range(3):
        assert (await anyone.call("POST", "/emailVerifications/retry", body)).status_code == 201
        wrong = _another(anyone.mailed_code(verification_id))
        assert await _try(anyone, verification_id, wrong) == (422, "wrong_email_verification_token")
    answer = await anyone.call("POST", "/emailVerifications/retry", body)
    assert answer.json()["code"] == "too_many_email_verification_attempts"
    code = anyone.mailed_code(verification_id)
    assert await _try(anyone, verification_id, code) == (422, "too_many_email_verification_attempts")


async def test_a_code_is_not_resent_to_another_address(anyone: Caller) -> None:
    verification_id = await anyone.ask_for_code()
    body = {"verificationUUID": verification_id, "email": "mallory@example.org"}
    answer = await anyone.call("POST", "/emailVerifications/retry", body)
    assert answer.json()["code"] == "wrong_email_verification_token"
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
async def test_what_is_no_address_gets_no_mail(anyone: Caller, email: str) -> None:
    answer = await anyone.call("POST", "/emailVerifications/create", {"email": email})
    assert answer.status_code == 400
    assert mails(anyone.service) == []


async def test_the_answer_does_not_tell_whether_an_address_is_known(anyone: Caller) -> None:
    await anyone.sign_in("known@example.org")
    answers = [
        await anyone.call("POST", "/emailVerifications/create", {"email": f"{name}@example.org"})
        for name in ("known", "unknown")
    ]
    shapes = [(answer.status_code, sorted(answer.json()), sorted(answer.headers)) for answer in answers]
    assert shapes[0] == shapes[1]


async def test_verifying_again_gives_an_elevated_token_only_to_who_has_no_factor(ada: Caller) -> None:
    async def verify() -> object:
        verification_id = await ada.ask_for_code()
        body = {
            "verificationUUID": verification_id,
            "verificationToken": ada.mailed_code(verification_id),
            "requestedScopes": ["credential:link"],
        }
        answer = await ada.call("POST", "/emailVerifications/verify", body)
        assert answer.status_code == 200
        assert answer.json()["nextView"] == "done"
        return answer.json()["elevatedAccessToken"]

    assert await verify()
    await ada.codes()
    await ada.acknowledge()
    assert await verify() is None


async def test_a_code_sent_to_another_address_verifies_nothing(ada: Caller) -> None:
    verification_id = await ada.ask_for_code("mallory@example.org")
    body = {"verificationUUID": verification_id, "verificationToken": ada.mailed_code(verification_id)}
    assert (await ada.call("POST", "/emailVerifications/verify", body)).status_code == 400


async def test_what_is_over_is_swept_away_with_its_mail(anyone: Caller, service: Service, clock: Clock) -> None:
    for number in range(30):
        await anyone.ask_for_code(f"user{number}@example.org")
    clock.tick(601)
    for _ in range(3):
        await anyone.ask_for_code()
    assert len(mails(service)) == 3


async def test_an_address_that_is_none_is_told_in_words(anyone: Caller) -> None:
    answer = await anyone.call("POST", "/emailVerifications/create", {"email": "ada@"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "That is not an e-mail address."
