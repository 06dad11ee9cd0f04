import asyncio
from contextlib import closing
from dataclasses import replace

import httpx
import pyotp

from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from mfa_tui.server.throttling import wait_after
from tests.support.caller import Caller, Clock, mails

WRONG = "2222222222"


async def _attempt(caller: Caller, code: str = WRONG) -> int | None:
    """Use a code. Return the wait in seconds if the attempt is refused, otherwise None."""
    response = await caller.use(code)
    if response.status_code == 422:
        assert response.json()["code"] == "mfa_invalid_code"
        return None
    assert (response.status_code, response.json()["code"]) == (429, "mfa_rate_limited")
    return int(response.headers["retry-after"])


def test_waits_double_from_30_seconds_to_an_hour() -> None:
    waits = [wait_after(wrong) for wrong in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99, 10**9)]
    assert waits == [0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


async def test_a_wait_starts_after_five_wrong_attempts(ada: Caller, clock: Clock) -> None:
    await ada.codes()
    assert [await _attempt(ada) for _ in range(5)] == [None] * 5
    assert await _attempt(ada) == 30
    clock.tick(29)
    assert await _attempt(ada) == 1
    clock.tick(1)
    assert await _attempt(ada) is None
    assert await _attempt(ada) == 60


async def test_an_attempt_during_a_wait_is_not_counted(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    for _ in range(5):
        await _attempt(ada)
    for _ in range(20):
        assert await _attempt(ada, code) == 30
    clock.tick(30)
    assert (await ada.use(code)).status_code == 200


async def test_concurrent_wrong_attempts_are_all_counted(ada: Caller) -> None:
    responses = await asyncio.gather(*(ada.use(WRONG) for _ in range(12)))
    assert sorted(response.status_code for response in responses) == [422] * 5 + [429] * 7


async def test_the_right_code_resets_the_count(ada: Caller) -> None:
    code = (await ada.codes())[0]
    for _ in range(4):
        assert await _attempt(ada) is None
    assert (await ada.use(code)).status_code == 200
    assert [await _attempt(ada) for _ in range(5)] == [None] * 5


async def test_wrong_attempts_of_one_user_do_not_affect_another(ada: Caller) -> None:
    for _ in range(6):
        await _attempt(ada)
    bob = await ada.sign_in("bob@example.org")
    assert await _attempt(bob) is None


async def test_wrong_attempts_count_across_sessions(ada: Caller) -> None:
    other = await ada.sign_in()
    for _ in range(5):
        await _attempt(ada)
    assert await _attempt(other) == 30


async def test_wrong_attempts_count_across_processes(ada: Caller, location: Location, clock: Clock) -> None:
    for _ in range(5):
        await _attempt(ada)
    with closing(Service.open(location, clock=clock)) as other:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(other.app), base_url="http://other") as http:
            assert await _attempt(Caller(http, other, ada.token)) == 30


async def test_recovery_codes_and_totp_have_separate_counts(ada: Caller, clock: Clock) -> None:
    app = pyotp.parse_uri((await ada.call("GET", "/users/mfa/register/totp")).json()["uri"])
    assert isinstance(app, pyotp.TOTP)
    for _ in range(6):
        await _attempt(ada)
    assert (await ada.use_totp(app.at(int(clock.now)))).status_code == 200
    assert await _attempt(ada) == 30
    for _ in range(5):
        assert (await ada.use_totp("wrong")).json()["code"] == "mfa_invalid_code"
    response = await ada.use_totp("wrong")
    assert (response.status_code, response.headers["retry-after"]) == (429, "30")


def _from(caller: Caller, address: str) -> Caller:
    """Return the same caller at another address."""
    transport = httpx.ASGITransport(caller.service.app, client=(address, 1))
    return replace(caller, http=httpx.AsyncClient(transport=transport, base_url="http://service"))


async def _guess_for(seconds: int, attacker: Caller, clock: Clock) -> None:
    """Send a wrong code whenever that is allowed, for a time."""
    end = clock.now + seconds
    while clock.now < end:
        clock.tick(min(await _attempt(attacker) or 0, end - clock.now))


async def test_the_right_code_passes_between_the_guesses_of_another_client(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    await ada.acknowledge()
    attacker, owner = _from(await ada.sign_in(), "192.0.2.66"), _from(await ada.sign_in(), "192.0.2.1")
    await _guess_for(3 * 24 * 3600, attacker, clock)
    clock.tick(await _attempt(attacker) or 0)
    assert await _attempt(attacker) is None
    wait = await _attempt(owner, code)
    assert wait is not None
    assert wait <= 1800
    clock.tick(wait)
    assert await _attempt(attacker) is not None
    assert (await owner.use(code)).status_code == 200


async def test_a_client_that_proved_a_factor_before_waits_only_for_itself(ada: Caller) -> None:
    first, second = (await ada.codes())[:2]
    assert (await ada.use(first)).status_code == 200
    attacker = _from(ada, "192.0.2.66")
    for _ in range(5):
        await _attempt(attacker)
    assert await _attempt(_from(ada, "192.0.2.1"), second) == 15
    assert (await ada.use(second)).status_code == 200


async def test_a_client_that_proved_a_factor_is_known_after_a_rotation(ada: Caller) -> None:
    assert (await ada.use((await ada.codes())[0])).status_code == 200
    code = (await ada.rotate())[0]
    attacker = _from(ada, "192.0.2.66")
    for _ in range(5):
        await _attempt(attacker)
    assert (await ada.use(code)).status_code == 200


async def test_new_clients_share_one_limit(ada: Caller) -> None:
    waits = [await _attempt(_from(ada, f"192.0.2.{number}")) for number in range(6)]
    assert waits == [None] * 5 + [15]


async def test_200_wrong_codes_disable_nothing(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    await _guess_for(200 * 3600, _from(ada, "192.0.2.66"), clock)
    clock.tick(3600)
    assert (await ada.use(code)).status_code == 200


async def test_email_codes_are_guessed_slowly_even_with_relaxed_limits(anyone: Caller) -> None:
    statuses = []
    for _ in range(4):
        verification_id = await anyone.ask_for_code()
        for _ in range(3):
            body = {"verificationUUID": verification_id, "verificationToken": "x"}
            statuses.append((await anyone.call("POST", "/emailVerifications/signin", body)).status_code)
    assert statuses == [422] * 5 + [429] * 7
    owner = _from(anyone, "192.0.2.1")
    verification_id = await owner.ask_for_code("bob@example.org")
    body = {"verificationUUID": verification_id, "verificationToken": owner.mailed_code(verification_id)}
    assert (await owner.call("POST", "/emailVerifications/signin", body)).status_code == 200


async def test_a_mail_tells_when_the_waits_start(ada: Caller, clock: Clock) -> None:
    for _ in range(8):
        await _attempt(ada)
        clock.tick(3600)
    subjects = [mail["Subject"] for mail in mails(ada.service)]
    assert subjects.count("Wrong codes were entered for your account") == 1


async def test_a_wait_is_at_most_an_hour_if_the_clock_is_set_back(ada: Caller, clock: Clock) -> None:
    for _ in range(5):
        await _attempt(ada)
    clock.tick(-1_000_000)
    assert await _attempt(await ada.sign_in()) == 3600
