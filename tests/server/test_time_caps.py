"""After the service's clock was a year ahead once, nothing lasts longer than usual."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pyotp

from mfa_tui.server.limits import Limits, RateLimiter
from mfa_tui.server.service import Service
from mfa_tui.server.time_caps import MAX_SECONDS
from tests.support.caller import Caller, Clock

YEAR = 365 * 24 * 3600


async def test_a_wait_that_began_a_year_ahead_lasts_an_hour(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    clock.tick(YEAR)
    late = await ada.sign_in()
    for _ in range(6):
        await late.use("2222222222")
    clock.tick(-YEAR)
    assert (await late.use(code)).headers["retry-after"] == "3600"
    clock.tick(3599)
    assert (await late.use(code)).status_code == 429
    clock.tick(1)
    assert (await late.use(code)).status_code == 200


async def test_a_mail_limit_that_began_a_year_ahead_lasts_ten_minutes(folder: Path, clock: Clock) -> None:
    with closing(Service.open(folder, clock=clock, limiter=RateLimiter(Limits.DOCUMENTED))) as service:
        app = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=app, base_url="http://service") as http:
            anyone = Caller(http, service)
            clock.tick(YEAR)
            for _ in range(3):
                await anyone.ask_for_code()
    clock.tick(-YEAR)
    with closing(Service.open(folder, clock=clock, limiter=RateLimiter(Limits.DOCUMENTED))) as service:
        app = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=app, base_url="http://service") as http:
            anyone = Caller(http, service)
            body = {"email": "ada@example.org"}
            assert (await anyone.call("POST", "/emailVerifications/create", body)).status_code == 429
            clock.tick(600)
            await anyone.ask_for_code()


async def test_a_session_that_began_a_year_ahead_lasts_thirty_days(ada: Caller, clock: Clock) -> None:
    clock.tick(YEAR)
    late = await ada.sign_in()
    clock.tick(-YEAR)
    await late.rotate()
    clock.tick(30 * 24 * 3600 - 1)
    assert (await late.call("GET", "/users")).status_code == 200
    clock.tick(1)
    assert (await late.call("GET", "/users")).status_code == 401


async def test_a_totp_code_is_accepted_after_one_was_used_a_year_ahead(ada: Caller, clock: Clock) -> None:
    app = pyotp.parse_uri((await ada.call("GET", "/users/mfa/register/totp")).json()["uri"])
    assert isinstance(app, pyotp.TOTP)
    clock.tick(YEAR)
    late = await ada.sign_in()
    assert (await late.use_totp(app.at(int(clock.now)))).status_code == 200
    clock.tick(-YEAR)
    assert (await late.use_totp(app.at(int(clock.now)))).status_code == 200
    assert (await late.use_totp(app.at(int(clock.now)))).status_code == 422


def test_every_time_to_come_is_capped(folder: Path) -> None:
    Service.open(folder).close()
    with closing(sqlite3.connect(folder / "mfa.sqlite3")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {(table, row[1]) for table in tables for row in database.execute(f"PRAGMA table_info({table})")}
    assert {
        (table, column) for table, column in columns if column in {"expires_at", "retry_at", "claimed_until"}
    } == set(MAX_SECONDS)
