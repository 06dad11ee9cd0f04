"""Sends the same request with many clients to two servers at once; prints how many won.

python -m tests.faults.server_races [--clients N] [--rounds N]
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyotp

from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from tests.faults.service_processes import Server, in_process
from tests.support import postgres
from tests.support.caller import Caller

USE = "/users/mfa/auth/recovery"


@dataclass
class Race:
    """Two servers of one database, and the clients that send to them in turn.

    Args:
        http: The clients' connections.
        urls: The servers.
        service: The same service in this process, which prepares each race.
        clients: How many clients there are.
    """

    http: httpx.AsyncClient
    urls: tuple[str, str]
    service: Service
    clients: int
    users: int = 0

    async def new_user(self) -> Caller:
        """Return a caller of a new user."""
        self.users += 1
        async with in_process(self.service) as http:
            return await Caller(http, self.service).sign_in(f"user{self.users}-{time.time_ns()}@example.org")

    def here(self, caller: Caller) -> Caller:
        """Return the caller, with an open connection to the service in this process."""
        return replace(caller, http=in_process(self.service))

    async def send(
        self, method: str, path: str, token: str, body: Callable[[int], object] = lambda _: None
    ) -> list[httpx.Response]:
        """Send a request with every client at once."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await asyncio.gather(
            *(
                self.http.request(method, self.urls[n % 2] + path, json=body(n), headers=headers)
                for n in range(self.clients)
            )
        )


def _statuses(responses: list[httpx.Response]) -> Counter[int]:
    return Counter(response.status_code for response in responses)


async def one_code(race: Race) -> Counter[int]:
    """Use one recovery code."""
    ada = race.here(await race.new_user())
    code = (await ada.rotate())[0]
    return _statuses(await race.send("POST", USE, ada.token, lambda _: {"code": code}))


async def one_totp_code(race: Race) -> Counter[int]:
    """Use one TOTP code."""
    ada = race.here(await race.new_user())
    app = pyotp.parse_uri((await ada.call("GET", "/users/mfa/register/totp")).json()["uri"])
    assert isinstance(app, pyotp.TOTP)
    earlier, now = (app.at(int(time.time()) + offset) for offset in (-30, 0))
    confirmed = await ada.call("POST", "/users/mfa/register/totp", {"type": "totp", "code": earlier})
    assert confirmed.status_code == 200, confirmed.text
    return _statuses(await race.send("POST", "/users/mfa/auth/totp", ada.token, lambda _: {"code": now}))


async def one_mail_code(race: Race) -> Counter[int]:
    """Sign in with one code from an e-mail."""
    ada = race.here(await race.new_user())
    verification_id = await ada.ask_for_code("bob@example.org")
    body = {"verificationUUID": verification_id, "verificationToken": ada.mailed_code(verification_id)}
    return _statuses(await race.send("POST", "/emailVerifications/signin", "", lambda _: body))


async def wrong_codes(race: Race) -> Counter[int]:
    """Guess codes, each another one: five are checked, the others have to wait."""
    ada = race.here(await race.new_user())
    await ada.codes()
    return _statuses(await race.send("POST", USE, ada.token, lambda n: {"code": f"{n:0>10}".replace("0", "Z")}))


async def first_read(race: Race) -> Counter[int]:
    """Read the codes of a user who has none yet; count how many different sets are returned, as status 200."""
    ada = await race.new_user()
    responses = await race.send("GET", "/users/mfa/recovery", ada.token)
    sets = {tuple(response.json()["recoveryCodes"]) for response in responses if response.status_code == 200}
    return Counter({200: len(sets), 503: _statuses(responses)[503]})


RACES: dict[str, Callable[[Race], Awaitable[Counter[int]]]] = {
    race.__name__.replace("_", " "): race for race in (one_code, one_totp_code, one_mail_code, wrong_codes, first_read)
}


def run(location: Location, *, clients: int, rounds: int = 1) -> dict[str, list[Counter[int]]]:
    """Run every race on a database; return the statuses of each round."""
    with closing(Service.open(location)) as service:
        other = msgspec.structs.replace(location, folder=location.folder.with_name("other"), key_file=location.keys)
        servers = [Server(location), Server(other if location.database_url else location)]

        async def run_all() -> dict[str, list[Counter[int]]]:
            limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
            async with httpx.AsyncClient(limits=limits, timeout=30) as http:
                race = Race(http, (servers[0].url, servers[1].url), service, clients)
                await race.send("GET", "/settings", "")
                return {name: [await one(race) for _ in range(rounds)] for name, one in RACES.items()}

        try:
            return asyncio.run(run_all())
        finally:
            for server in servers:
                server.stop()


def _print(engine: str, results: dict[str, list[Counter[int]]]) -> None:
    for name, rounds in results.items():
        print(f"{engine:10} {name:14}", *(dict(sorted(statuses.items())) for statuses in rounds))  # noqa: T201


def main() -> None:
    """Run the races on both databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    asked: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres.running(settings=()) as server:
        for engine, url in (("SQLite", None), ("PostgreSQL", server.url())):
            location = Location(Path(folder) / engine / "mfa", url)
            _print(engine, run(location, clients=asked.clients, rounds=asked.rounds))


if __name__ == "__main__":
    main()
