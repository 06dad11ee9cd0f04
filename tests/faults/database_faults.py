"""Lets PostgreSQL fail under load, and compares each response of two servers with the database.

python -m tests.faults.database_faults [FAULT ...] [--rounds N] [--users N] [--asynchronous]

A synchronous standby follows the primary. A response 200 must be true and stay true, after a 503 nothing may have
changed, and after a 500 or a lost response either may be true; the first read then decides, and must stay true.
"""

import argparse
import asyncio
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from msgspec.structs import replace

from mfa_tui.redaction import Secret
from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from tests.faults.service_processes import Server, in_process
from tests.support import postgres
from tests.support.caller import Caller
from tests.support.postgres import PostgresServer

_READ_TIMEOUT = 60.0


@dataclass
class User:
    """A user who rotates and uses codes, and what must be true of the codes."""

    token: str
    codes: list[str]
    figures: Counter[str]

    async def act(self, http: httpx.AsyncClient, url: Callable[[], str], rng: random.Random) -> None:
        """Send one request that changes the codes, and check what followed from it."""
        rotates = not self.codes or rng.random() < 0.4
        path, body = ("", None) if rotates else ("/auth", {"code": rng.choice(self.codes)})
        path = "/users/mfa/recovery" if rotates else "/users/mfa/auth/recovery"
        response = await self._send(http, "POST", url() + path, body)
        status = 0 if response is None else response.status_code
        self.figures[f"{status}"] += 1
        before, after = self.codes, [code for code in self.codes if body is None or code != body["code"]]
        if status == 200 and response is not None:
            self.codes = response.json()["recoveryCodes"] if rotates else after
            if rng.random() < 0.5:
                return
        found = await self._read(http, url)
        if status == 200:
            true = found == self.codes
        elif status == 503:
            true = found == before
        elif status in {0, 500}:
            replaced = len(found) == 10 and not set(found) & set(before)
            true = found == before or (replaced if rotates else found == after)
        else:
            true = False
        if not true:
            self.figures["VIOLATIONS"] += 1
        self.codes = found

    async def check(self, http: httpx.AsyncClient, url: Callable[[], str]) -> None:
        """Check the codes at the end."""
        if await self._read(http, url) != self.codes:
            self.figures["VIOLATIONS"] += 1

    async def _read(self, http: httpx.AsyncClient, url: Callable[[], str]) -> list[str]:
        deadline = time.monotonic() + _READ_TIMEOUT
        while time.monotonic() < deadline:
            response = await self._send(http, "GET", f"{url()}/users/mfa/recovery", None)
            if response is not None and response.status_code == 200:
                return list(response.json()["recoveryCodes"])
            await asyncio.sleep(0.05)
        msg = "the codes could not be read"
        raise TimeoutError(msg)

    async def _send(self, http: httpx.AsyncClient, method: str, url: str, body: object) -> httpx.Response | None:
        with suppress(httpx.TransportError):
            return await http.request(method, url, json=body, headers={"authorization": f"Bearer {self.token}"})
        return None


@dataclass
class Cluster:
    """A primary, its synchronous standby, and two servers."""

    folder: Path
    rng: random.Random
    primary: PostgresServer
    standby: PostgresServer
    servers: list[Server] = field(default_factory=list)

    @property
    def url(self) -> Secret:
        """The URL with both hosts."""
        return Secret(f"postgresql://postgres@127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}/mfa")

    @property
    def location(self) -> Location:
        """The location of the first server; the second one has the same keys."""
        return Location(self.folder / "a", self.url)

    def start_servers(self) -> None:
        """Start both servers."""
        second = replace(self.location, folder=self.folder / "b", key_file=self.location.keys)
        self.servers = [Server(self.location), Server(second)]

    def any_server(self) -> str:
        """Return the URL of one of the servers."""
        return self.rng.choice(self.servers).url

    async def backends(self) -> list[int]:
        """Return the processes of the primary that serve the service."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = 'mfa'"
        return [int(pid) for (pid,) in await asyncio.to_thread(self.primary.execute, query)]


async def nothing(_cluster: Cluster) -> None:
    """Let nothing fail."""
    await asyncio.sleep(3)


async def terminated_backends(cluster: Cluster) -> None:
    """Terminate every backend, ten times."""
    for _ in range(10):
        await asyncio.sleep(0.2)
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'mfa'"
        await asyncio.to_thread(cluster.primary.execute, query)


async def killed_backend(cluster: Cluster) -> None:
    """Kill a backend: the server ends all connections, and recovers."""
    for _ in range(2):
        await asyncio.sleep(0.7)
        with suppress(psycopg.Error, ProcessLookupError, IndexError):
            os.kill((await cluster.backends())[0], signal.SIGKILL)
        await asyncio.sleep(1)


async def killed_postmaster(cluster: Cluster) -> None:
    """Kill the whole primary, and start it again."""
    await asyncio.sleep(0.7)
    cluster.primary.kill()
    await asyncio.sleep(0.5)
    await asyncio.to_thread(cluster.primary.start)
    await asyncio.sleep(1)


async def killed_server(cluster: Cluster) -> None:
    """Kill one of the two servers, and start it again."""
    await asyncio.sleep(0.7)
    killed = cluster.servers[0]
    killed.kill()
    await asyncio.sleep(0.3)
    cluster.servers[0] = await asyncio.to_thread(Server, killed.location)
    await asyncio.sleep(0.5)


async def failed_commits(cluster: Cluster) -> None:
    """Fail one commit in five with a serialization error."""
    trigger = (
        "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF random() < 0.2 THEN"
        " RAISE EXCEPTION 'fault' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$;"
        " CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION fault()"
    )
    await asyncio.to_thread(cluster.primary.execute, trigger, "mfa")
    await asyncio.sleep(3)
    await asyncio.to_thread(cluster.primary.execute, "DROP FUNCTION fault CASCADE", "mfa")


async def failover(cluster: Cluster) -> None:
    """Kill the primary, and promote the standby."""
    await asyncio.sleep(1)
    cluster.primary.kill()
    await asyncio.sleep(0.3)
    await asyncio.to_thread(cluster.standby.execute, "SELECT pg_promote()")
    await asyncio.sleep(2)


async def failover_behind(cluster: Cluster) -> None:
    """Stop the standby, kill the primary 350 ms later, then start and promote the standby."""
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.standby.stop)
    await asyncio.sleep(0.35)
    cluster.primary.kill()
    await asyncio.to_thread(cluster.standby.start)
    await asyncio.to_thread(cluster.standby.execute, "SELECT pg_promote()")
    await asyncio.sleep(2)


async def frozen_standby(cluster: Cluster) -> None:
    """Freeze the standby for six seconds, longer than a commit may take."""
    await asyncio.sleep(0.7)
    cluster.standby.signal_all(signal.SIGSTOP)
    await asyncio.sleep(6)
    cluster.standby.signal_all(signal.SIGCONT)
    await asyncio.sleep(1)


FAULTS: dict[str, Callable[[Cluster], Awaitable[None]]] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        nothing,
        terminated_backends,
        killed_backend,
        killed_postmaster,
        killed_server,
        failed_commits,
        failover,
        failover_behind,
        frozen_standby,
    )
}


def run(fault: str, folder: Path, *, users: int, seed: int, synchronous: bool = True) -> Counter[str]:
    """Run a fault once on a new cluster; return how many responses had each status, and the violations."""
    rng, figures = random.Random(seed), Counter({"VIOLATIONS": 0})
    with postgres.running(settings=("shared_buffers=32MB",)) as primary:
        standby = primary.standby(("shared_buffers=32MB",))
        try:
            if synchronous:
                primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                primary.execute("SELECT pg_reload_conf()")
            cluster = Cluster(folder, rng, primary, standby)
            with closing(Service.open(cluster.location)) as service:
                signed_in = asyncio.run(_sign_in(service, users))
            cluster.start_servers()
            try:
                asyncio.run(_load(cluster, [User(*one, figures) for one in signed_in], FAULTS[fault]))
            finally:
                for server in cluster.servers:
                    server.stop()
        finally:
            standby.remove()
    return figures


async def _sign_in(service: Service, users: int) -> list[tuple[str, list[str]]]:
    async with in_process(service) as http:
        callers = [await Caller(http, service).sign_in(f"user{number}@example.org") for number in range(users)]
        return [(caller.token, await caller.codes()) for caller in callers]


async def _load(cluster: Cluster, users: list[User], inject: Callable[[Cluster], Awaitable[None]]) -> None:
    """Let the users act while the fault happens, then check their codes."""
    over = asyncio.Event()

    async def act(user: User, http: httpx.AsyncClient) -> None:
        while not over.is_set():
            await user.act(http, cluster.any_server, cluster.rng)

    async with httpx.AsyncClient(timeout=30) as http:
        acting = [asyncio.create_task(act(user, http)) for user in users]
        await inject(cluster)
        over.set()
        await asyncio.gather(*acting)
        await asyncio.gather(*(user.check(http, cluster.any_server) for user in users))


def main() -> None:
    """Run the faults, and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--asynchronous", action="store_true", help="do not wait for the standby: changes are lost")
    asked = parser.parse_args()
    for fault in asked.faults or FAULTS:
        total: Counter[str] = Counter()
        for seed in range(asked.rounds):
            with tempfile.TemporaryDirectory() as folder:
                total += run(fault, Path(folder), users=asked.users, seed=seed, synchronous=not asked.asynchronous)
        figures = ", ".join(f"{status}: {total[status]}" for status in ("200", "503", "500", "0"))
        others = {name: total[name] for name in total if name not in {"200", "503", "500", "0", "VIOLATIONS"}}
        print(f"{fault:24} {figures} {others or ''} violations: {total['VIOLATIONS']}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
