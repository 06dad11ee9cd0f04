"""The network of the campaign: between a command and the service in its process, with a fault for any request."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx

from mfa_tui.client import transport
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import models
from mfa_tui.server import recovery, users
from mfa_tui.server.database import Location, OpenedStore
from mfa_tui.server.store import Transaction
from tests.support.transport import ACKNOWLEDGE, READ, ROTATE, USE

CHANGING = {ROTATE, USE, ACKNOWLEDGE}

BREAKS: dict[str, type[httpx.RequestError]] = {
    "not reached": httpx.ConnectError,
    "lost before": httpx.ReadError,
    "late": httpx.ReadTimeout,
}
"""Faults with which the service does not get the request, or only later."""

REFUSALS = {
    "gateway": (502, "<html>Bad gateway</html>"),
    "slow down": (429, '{"error": "slow"}'),
    "signed out": (401, '{"error": "no"}'),
    "withheld": (403, '{"error": "Recovery codes were acknowledged"}'),
}
"""Responses in place of the service's."""

FAULTS = {
    "not reached": 2,
    "lost before": 3,
    "lost after": 4,
    "late": 2,
    "twice": 1,
    "garbled": 1,
    "gateway": 2,
    "slow down": 1,
    "signed out": 1,
    "withheld": 1,
    "stale": 1,
    "signal before": 2,
    "signal after": 3,
}
"""By name, with weights."""


class Truth(NamedTuple):
    """The state at the service: the unused codes of the only user, and whether they are confirmed."""

    codes: tuple[str, ...]
    confirmed: bool


class Database:
    """Reads the truth from the service's database.

    Args:
        folder: The data folder, with a database.
    """

    def __init__(self, folder: Path) -> None:
        self._opened = OpenedStore.open(Location(folder))

    def truth(self) -> Truth:
        return self._opened.store.read(self._read)

    def close(self) -> None:
        self._opened.store.close()

    def _read(self, db: Transaction) -> Truth:
        codes = recovery.unused_codes(db, self._opened.keys, users.get(db, 1))
        confirmed = db.exists("SELECT 1 FROM users WHERE number = 1 AND acknowledgement = 'complete'")
        return Truth(tuple(code.reveal() for code in codes), confirmed)


@dataclass
class Run:
    """The facts of one command, as the network and the database have them."""

    before: Truth
    events: list[str] = field(default_factory=list)
    """The requests, the faults that they met, and the acts of others meanwhile."""
    sent: set[str] = field(default_factory=set)
    """The requests other than readings that were sent, whether or not they arrived."""
    acted: set[str] = field(default_factory=set)
    """The changing requests of this command that changed something."""
    made: list[tuple[str, ...]] = field(default_factory=list)
    """The sets that its rotations made."""
    seen: dict[str, Truth] = field(default_factory=dict)
    """The truth at the last response that arrived, by request."""
    last_refusal: int = 0
    """The status of the last response if it was in place of the service's."""


class CampaignNetwork(httpx.AsyncBaseTransport):
    """A transport to the service that draws a fault, and an act of a second actor, for each request.

    Args:
        database: The service's database.
        rng: Draws.
        actor: What a second actor does at the service, given its transport.
    """

    def __init__(
        self, database: Database, rng: random.Random, actor: Callable[[httpx.AsyncBaseTransport], Awaitable[None]]
    ) -> None:
        self._truth = database.truth
        self._rng = rng
        self._actor = actor
        self._service: httpx.AsyncBaseTransport | None = None
        self._earlier: dict[str, bytes] = {}
        self.late: list[httpx.Request] = []
        """Requests that a gateway holds."""
        self.run = Run(database.truth())
        self.fault_rate = 0.0
        self.actor_rate = 0.0
        self.idempotent = False
        self.counts: Counter[str] = Counter()

    def to(self, app: transport.AsgiApp) -> "CampaignNetwork":
        """Send the requests to this app."""
        self._service = httpx.ASGITransport(app=app)
        return self

    def begin(self, fault_rate: float, actor_rate: float) -> Run:
        """Begin a command."""
        self.fault_rate, self.actor_rate = fault_rate, actor_rate
        self.run = Run(self._truth())
        return self.run

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        line = f"{request.method} /{request.url.path.split('/', 5)[5]}"
        fault = self._draw(line)
        if request.method != "GET" and fault not in {"not reached", "signal before"}:
            self.run.sent.add(line)
        self.run.events.append(f"{line} {fault}".strip())
        if fault:
            self.counts["signals" if fault.startswith("signal") else "faults"] += 1
        if self._rng.random() < self.actor_rate / 2:
            await self._act_elsewhere()
        if self.late and self._rng.random() < 0.3:
            await self.deliver_late()
        response = await self._meet(fault, line, request)
        if self._rng.random() < self.actor_rate / 2:
            await self._act_elsewhere()
        if fault == "signal after":
            raise SystemExit(ExitCode.TERMINATED)
        if not self.idempotent:
            response.headers.pop(models.IDEMPOTENCY_HEADER, None)
        return response

    async def deliver_late(self) -> None:
        """Let the gateway deliver the requests that it holds."""
        held, self.late = self.late, []
        self.run.events.append("late delivery")
        for request in held:
            await self._carry(request)

    async def _act_elsewhere(self) -> None:
        assert self._service is not None
        self.counts["acts of a second actor"] += 1
        self.run.events.append("second actor")
        await self._actor(self._service)

    def _draw(self, line: str) -> str:
        if self._rng.random() >= self.fault_rate:
            return ""
        fault = self._rng.choices(list(FAULTS), list(FAULTS.values()))[0]
        if fault == "withheld" and line != READ:
            return "gateway"
        if fault in {"stale", "late", "twice"} and line not in CHANGING:
            return "lost after"
        if fault == "stale" and (line != ROTATE or line not in self._earlier):
            return "lost before"
        return fault

    async def _meet(self, fault: str, line: str, request: httpx.Request) -> httpx.Response:
        self.run.last_refusal = 0
        if fault in BREAKS:
            if fault == "late":
                self.late.append(request)
            raise BREAKS[fault]("", request=request)
        if fault in REFUSALS:
            self.run.last_refusal, body = REFUSALS[fault]
            return httpx.Response(self.run.last_refusal, content=body.encode())
        if fault == "stale":
            return httpx.Response(200, content=self._earlier[line])
        if fault == "signal before":
            raise SystemExit(ExitCode.TERMINATED)
        response = await self._carry(request, line)
        if fault == "twice":
            response = await self._carry(request, line)
        if fault == "lost after":
            raise httpx.ReadError("", request=request)
        if fault == "garbled":
            return httpx.Response(response.status_code, content=b'{"count"', headers=response.headers)
        return response

    async def _carry(self, request: httpx.Request, line: str = "") -> httpx.Response:
        """Let the service act; without a line, the response is lost."""
        assert self._service is not None
        before = self._truth()
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        response = await self._service.handle_async_request(copy)
        content = await response.aread()
        after = self._truth()
        if line in CHANGING and after != before:
            self.run.acted.add(line)
        if before.codes and not set(after.codes) & set(before.codes) and after.codes:
            self.run.made.append(after.codes)
        if line and response.is_success:
            self.run.seen[line] = after
            self._earlier[line] = content
        return httpx.Response(response.status_code, headers=response.headers, content=content)
