from collections.abc import AsyncIterator
from contextlib import closing

import httpx
import pytest

from mfa_tui.server.database import Location
from mfa_tui.server.limits import GENERAL, Limits, RateLimiter, client_of
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock


@pytest.fixture
async def limited(location: Location, clock: Clock) -> AsyncIterator[Caller]:
    """A caller of a service with the documented limits."""
    with closing(Service.open(location, clock=clock, limiter=RateLimiter(Limits.DOCUMENTED, clock))) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            yield Caller(http, service)


def _from(caller: Caller, address: str) -> Caller:
    transport = httpx.ASGITransport(caller.service.app, client=(address, 1))
    return Caller(httpx.AsyncClient(transport=transport, base_url="http://service"), caller.service)


async def test_60_requests_in_ten_seconds_are_allowed(limited: Caller, clock: Clock) -> None:
    for _ in range(60):
        assert (await limited.call("GET", "/settings")).status_code == 200
    response = await limited.call("GET", "/settings")
    assert (response.status_code, response.headers["retry-after"]) == (429, "10")
    assert set(response.json()) == {"error"}
    clock.tick(10)
    assert (await limited.call("GET", "/settings")).status_code == 200


async def test_250_requests_in_a_minute_are_allowed(limited: Caller, clock: Clock) -> None:
    for number in range(250):
        if number % 50 == 0:
            clock.tick(10)
        assert (await limited.call("GET", "/settings")).status_code == 200
    clock.tick(9)
    response = await limited.call("GET", "/settings")
    assert (response.status_code, response.headers["retry-after"]) == (429, "11")
    clock.tick(11)
    assert (await limited.call("GET", "/settings")).status_code == 200


async def test_client_addresses_are_counted_separately(limited: Caller) -> None:
    for _ in range(61):
        response = await limited.call("GET", "/settings")
    assert response.status_code == 429
    assert (await _from(limited, "192.0.2.1").call("GET", "/settings")).status_code == 200


async def _mail_status(caller: Caller) -> int:
    return (await caller.call("POST", "/emailVerifications/create", {"email": "Ada@example.org"})).status_code


async def test_a_fourth_mail_from_a_client_in_ten_minutes_is_refused(limited: Caller, clock: Clock) -> None:
    for _ in range(3):
        await limited.ask_for_code()
        clock.tick(60)
    response = await limited.call("POST", "/emailVerifications/create", {"email": "Ada@example.org"})
    assert (response.status_code, response.headers["retry-after"]) == (429, "420")
    assert "code" not in response.json()
    clock.tick(420)
    await limited.ask_for_code()


async def test_mails_that_others_request_do_not_keep_a_user_out(limited: Caller, clock: Clock) -> None:
    assert [await _mail_status(_from(limited, "192.0.2.66")) for _ in range(4)] == [201] * 3 + [429]
    await limited.sign_in()
    clock.tick(600)
    statuses = [await _mail_status(_from(limited, f"192.0.2.{number // 3}")) for number in range(12)]
    assert statuses == [201] * 9 + [429] * 3
    await limited.sign_in()


async def test_a_resent_mail_is_counted(limited: Caller, clock: Clock) -> None:
    verification_id = await limited.ask_for_code()
    body = {"verificationUUID": verification_id, "email": "ada@example.org"}
    statuses = []
    for _ in range(3):
        clock.tick(60)
        statuses.append((await limited.call("POST", "/emailVerifications/retry", body)).status_code)
    assert statuses == [201, 201, 429]


async def test_three_mails_a_minute_are_allowed_for_a_client(limited: Caller) -> None:
    for number in range(3):
        await limited.ask_for_code(f"user{number}@example.org")
    response = await limited.call("POST", "/emailVerifications/create", {"email": "user4@example.org"})
    assert (response.status_code, response.headers["retry-after"]) == (429, "60")


async def test_ten_sign_ins_a_minute_are_allowed(limited: Caller) -> None:
    body = {"verificationUUID": "00000000-0000-4000-8000-000000000000", "verificationToken": "123456"}
    statuses = [(await limited.call("POST", "/emailVerifications/signin", body)).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


async def test_relaxed_limits_allow_every_request(anyone: Caller) -> None:
    for _ in range(70):
        await anyone.ask_for_code()


def test_at_most_2_000_clients_are_remembered() -> None:
    limiter = RateLimiter(Limits.DOCUMENTED)
    for number in range(2_050):
        limiter.record_request(f"192.0.2.{number}", GENERAL)
    assert len(limiter._recent) == 2_000


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:0db8:0:0:ffff::2", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("forged" * 1000, "unknown"),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(address: str, client: str) -> None:
    assert client_of(address) == client


async def test_a_clock_set_back_an_hour_refuses_nobody(location: Location, clock: Clock) -> None:
    monotonic = Clock()
    with closing(Service.open(location, clock=clock, limiter=RateLimiter(Limits.DOCUMENTED, monotonic))) as service:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            limited = Caller(http, service)
            for _ in range(60):
                await limited.call("GET", "/settings")
            clock.tick(-3600)
            monotonic.tick(10)
            assert (await limited.call("GET", "/settings")).status_code == 200
