import asyncio
from contextlib import closing

import httpx
import pyotp

from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from mfa_tui.server.throttling import wait_after
from tests.support.caller import Caller, Clock

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


def _record_99_failures(service: Service) -> None:
    statement = "UPDATE wrong_tries SET wrong = 99, retry_at = 0 WHERE factor = 'recovery'"
    assert service._store.write(lambda db: db.execute(statement)) == 1


async def test_100_wrong_attempts_disable_codes_until_rotation(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    await _attempt(ada)
    _record_99_failures(ada.service)
    assert await _attempt(ada) is None
    clock.tick(10 * 3600)
    assert await _attempt(ada, code) == 3600
    new = await ada.rotate()
    assert (await ada.use(new[0])).status_code == 200


async def test_a_wait_is_at_most_an_hour_if_the_clock_is_set_back(ada: Caller, clock: Clock) -> None:
    for _ in range(5):
        await _attempt(ada)
    clock.tick(-1_000_000)
    assert await _attempt(await ada.sign_in()) == 3600
