from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mfa_tui.server.limits import GENERAL, Limits, RateLimiter
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock


@pytest.fixture
async def limited(folder: Path, clock: Clock) -> AsyncIterator[Caller]:
    """A caller of a service with the documented limits."""
    with closing(Service.open(folder, clock=clock, limits=Limits.DOCUMENTED)) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            yield Caller(http, service)


def _from(caller: Caller, address: str) -> Caller:
    transport = httpx.ASGITransport(caller.service.app, client=(address, 1))
    return Caller(httpx.AsyncClient(transport=transport, base_url="http://service"), caller.service)


async def test_sixty_calls_in_ten_seconds_are_let_through(limited: Caller, clock: Clock) -> None:
    for _ in range(60):
        assert (await limited.call("GET", "/settings")).status_code == 200
    answer = await limited.call("GET", "/settings")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert set(answer.json()) == {"error"}
    clock.tick(10)
    assert (await limited.call("GET", "/settings")).status_code == 200


async def test_250_calls_in_a_minute_are_let_through(limited: Caller, clock: Clock) -> None:
    for number in range(250):
        if number % 50 == 0:
            clock.tick(10)
        assert (await limited.call("GET", "/settings")).status_code == 200
    clock.tick(9)
    answer = await limited.call("GET", "/settings")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "11")
    clock.tick(11)
    assert (await limited.call("GET", "/settings")).status_code == 200


async def test_addresses_are_counted_apart(limited: Caller) -> None:
    for _ in range(61):
        answer = await limited.call("GET", "/settings")
    assert answer.status_code == 429
    assert (await _from(limited, "192.0.2.1").call("GET", "/settings")).status_code == 200


async def test_a_fourth_mail_to_one_address_within_ten_minutes_is_refused(limited: Caller, clock: Clock) -> None:
    for number in range(3):
        await _from(limited, f"192.0.2.{number}").ask_for_code()
    answer = await limited.call("POST", "/emailVerifications/create", {"email": "Ada@example.org"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    assert "code" not in answer.json()
    clock.tick(600)
    await limited.ask_for_code()


async def test_a_resent_mail_counts_as_one(limited: Caller, clock: Clock) -> None:
    verification_id = await limited.ask_for_code()
    body = {"verificationUUID": verification_id, "email": "ada@example.org"}
    statuses = []
    for _ in range(3):
        clock.tick(60)
        statuses.append((await limited.call("POST", "/emailVerifications/retry", body)).status_code)
    assert statuses == [201, 201, 429]


async def test_three_mails_a_minute_are_sent_for_one_client(limited: Caller) -> None:
    for number in range(3):
        await limited.ask_for_code(f"user{number}@example.org")
    answer = await limited.call("POST", "/emailVerifications/create", {"email": "user4@example.org"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


async def test_ten_sign_ins_a_minute_are_let_through(limited: Caller) -> None:
    body = {"verificationUUID": "00000000-0000-4000-8000-000000000000", "verificationToken": "123456"}
    statuses = [(await limited.call("POST", "/emailVerifications/signin", body)).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


async def test_relaxed_has_none_of_these(anyone: Caller) -> None:
    for _ in range(70):
        await anyone.ask_for_code()


def test_as_many_addresses_are_remembered_as_there_is_room_for() -> None:
    limiter = RateLimiter(Limits.DOCUMENTED)
    for number in range(10_050):
        limiter.record_request(f"192.0.2.{number}", GENERAL, 0.0)
    assert len(limiter._recent) == 10_000
