import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pyotp

from mfa_tui.server.service import Service
from mfa_tui.server.throttling import wait_after
from tests.support.caller import Caller, Clock

WRONG = "2222222222"


async def _limit(caller: Caller, code: str = WRONG) -> int | None:
    """Try a code; return the wait in seconds if it is not let through, else None."""
    answer = await caller.use(code)
    if answer.status_code == 422:
        assert answer.json()["code"] == "mfa_invalid_code"
        return None
    assert (answer.status_code, answer.json()["code"]) == (429, "mfa_rate_limited")
    return int(answer.headers["retry-after"])


def test_waits_double_from_30_seconds_to_an_hour() -> None:
    waits = [wait_after(wrong) for wrong in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99, 10**9)]
    assert waits == [0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


async def test_five_wrong_tries_are_free_and_then_a_wait_begins(ada: Caller, clock: Clock) -> None:
    await ada.codes()
    assert [await _limit(ada) for _ in range(5)] == [None] * 5
    assert await _limit(ada) == 30
    clock.tick(29)
    assert await _limit(ada) == 1
    clock.tick(1)
    assert await _limit(ada) is None
    assert await _limit(ada) == 60


async def test_a_try_during_a_wait_is_neither_counted_nor_checked(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    for _ in range(5):
        await _limit(ada)
    for _ in range(20):
        assert await _limit(ada, code) == 30
    clock.tick(30)
    assert (await ada.use(code)).status_code == 200


async def test_tries_at_once_are_counted_one_by_one(ada: Caller) -> None:
    answers = await asyncio.gather(*(ada.use(WRONG) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 7


async def test_the_right_code_resets_the_count(ada: Caller) -> None:
    code = (await ada.codes())[0]
    for _ in range(4):
        assert await _limit(ada) is None
    assert (await ada.use(code)).status_code == 200
    assert [await _limit(ada) for _ in range(5)] == [None] * 5


async def test_users_do_not_slow_each_other_down(ada: Caller) -> None:
    for _ in range(6):
        await _limit(ada)
    bob = await ada.sign_in("bob@example.org")
    assert await _limit(bob) is None


async def test_the_count_is_the_users_and_not_the_sessions(ada: Caller) -> None:
    other = await ada.sign_in()
    for _ in range(5):
        await _limit(ada)
    assert await _limit(other) == 30


async def test_another_process_knows_the_count(ada: Caller, folder: Path, clock: Clock) -> None:
    for _ in range(5):
        await _limit(ada)
    with closing(Service.open(folder, clock=clock)) as other:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(other.app), base_url="http://other") as http:
            assert await _limit(Caller(http, other, ada.token)) == 30


async def test_recovery_codes_and_totp_have_separate_counts(ada: Caller, clock: Clock) -> None:
    app = pyotp.parse_uri((await ada.call("GET", "/users/mfa/register/totp")).json()["uri"])
    assert isinstance(app, pyotp.TOTP)
    for _ in range(6):
        await _limit(ada)
    assert (await ada.use_totp(app.at(int(clock.now)))).status_code == 200
    assert await _limit(ada) == 30
    for _ in range(5):
        assert (await ada.use_totp("wrong")).json()["code"] == "mfa_invalid_code"
    answer = await ada.use_totp("wrong")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


async def _use_up_the_hundred(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database, database:
        changed = database.execute("UPDATE wrong_tries SET wrong = 99, retry_at = 0 WHERE factor = 'recovery'")
        assert changed.rowcount == 1


async def test_a_hundred_wrong_tries_turn_the_codes_off_until_they_are_rotated(
    ada: Caller, folder: Path, clock: Clock
) -> None:
    code = (await ada.codes())[0]
    await _limit(ada)
    await _use_up_the_hundred(folder)
    assert await _limit(ada) is None
    clock.tick(10 * 3600)
    assert await _limit(ada, code) == 3600
    new = await ada.rotate()
    assert (await ada.use(new[0])).status_code == 200


async def test_codes_that_are_off_are_not_rotated_by_who_came_in_with_one_of_them(ada: Caller, folder: Path) -> None:
    codes = await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    came_in = replace(pending, token=(await pending.use(codes[0])).json()["minifiedJwt"])
    await _limit(came_in)
    await _use_up_the_hundred(folder)
    await _limit(came_in)
    assert (await came_in.call("POST", "/users/mfa/recovery")).status_code == 403
    verification_id = await came_in.ask_for_code()
    body = {"verificationUUID": verification_id, "verificationToken": came_in.mailed_code(verification_id)}
    assert (await came_in.call("POST", "/emailVerifications/verify", body)).status_code == 200
    assert (await came_in.call("POST", "/users/mfa/recovery")).status_code == 200


async def test_a_clock_that_was_set_back_makes_no_wait_longer_than_an_hour(ada: Caller, clock: Clock) -> None:
    for _ in range(5):
        await _limit(ada)
    clock.tick(-1_000_000)
    assert await _limit(await ada.sign_in()) == 3600
