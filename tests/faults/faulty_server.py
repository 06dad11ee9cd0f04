"""A loopback HTTP server in front of a service, with faults that a test scripts."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

import httpx

from mfa_tui.client.transport import AsgiApp
from mfa_tui.protocol import models


class Kind(Enum):
    """The ways in which a connection fails."""

    STRAIGHT = auto()
    """It does not fail."""
    CUT_REQUEST = auto()
    """Closed after at most `at` bytes of the request: the service does not get it."""
    HUNG_UP = auto()
    """The service gets the request; the connection is closed `at` ms later, and the service acts after `delay` ms."""
    CUT_REPLY = auto()
    """The service acts; `at` bytes of its reply are sent, short of the last one, and the connection is closed."""
    HALF_REPLY = auto()
    """The service acts, and half of its reply is sent."""
    IN_ITS_PLACE = auto()
    """Another server responds: the service does not get the request."""
    SILENT = auto()
    """No response is sent."""


@dataclass(frozen=True)
class Fault:
    """The fault of one connection."""

    kind: Kind = Kind.STRAIGHT
    at: int = 0
    delay: int = 0
    held: bool = False
    """Whether the service gets the request only when the gate is open."""
    reply: bytes = b""


STRAIGHT = Fault()


def in_its_place(status: int, body: bytes, **headers: str) -> Fault:
    """Return the fault that sends this response in place of the service."""
    return Fault(
        Kind.IN_ITS_PLACE, reply=_reply(status, {name.replace("_", "-"): headers[name] for name in headers}, body)
    )


@dataclass
class FaultyServer:
    """Serves an ASGI app on a free port, with one request per connection.

    Args:
        app: The service's app.
        idempotent: Whether responses say that the service is idempotent; the hosted service's do not.
    """

    app: AsgiApp
    idempotent: bool = False
    script: deque[Fault] = field(default_factory=deque)
    """The faults of the next connections; later connections do not fail."""
    reached: list[str] = field(default_factory=list)
    """The requests that reached the service, as method and path."""
    arrived: list[str] = field(default_factory=list)
    """The requests that arrived at this server in full."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set, held requests do not reach the service."""

    async def __aenter__(self) -> Self:
        self._service = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://service")
        self._open: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._service.aclose()

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v0"

    async def idle(self) -> None:
        """Wait until the service has handled every request."""
        while self._open:
            await asyncio.wait(self._open)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # In our own task: the task that asyncio creates logs a cancellation.
        task = asyncio.create_task(self._answer(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.script.popleft() if self.script else STRAIGHT
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                await self._go_wrong(fault, reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    async def _go_wrong(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if fault.kind is Kind.CUT_REQUEST:
            if fault.at:
                await reader.read(fault.at)
            return
        request = await self._request(reader)
        match fault.kind:
            case Kind.SILENT:
                await reader.read()  # ends when the client closes the connection
                return
            case Kind.IN_ITS_PLACE:
                raw = fault.reply
            case Kind.HUNG_UP:
                acting = asyncio.create_task(self._act(request, fault))
                await asyncio.sleep(fault.at / 1000)
                writer.close()
                await acting
                return
            case _:
                raw = await self._act(request, fault)
        if fault.kind is Kind.CUT_REPLY:
            raw = raw[: min(fault.at, len(raw) - 1)]
        elif fault.kind is Kind.HALF_REPLY:
            raw = raw[: len(raw) // 2]
        writer.write(raw)
        await writer.drain()

    async def _request(self, reader: asyncio.StreamReader) -> httpx.Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.strip().split("\r\n")
        method, path, _ = line.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.arrived.append(_line(method, path))
        return self._service.build_request(method, path, headers=headers, content=body)

    async def _act(self, request: httpx.Request, fault: Fault) -> bytes:
        await asyncio.sleep(fault.delay / 1000)
        if fault.held:
            await self.gate.wait()
        self.reached.append(_line(request.method, request.url.path))
        response = await self._service.send(request)
        if not self.idempotent:
            response.headers.pop(models.IDEMPOTENCY_HEADER, None)
        return _reply(response.status_code, dict(response.headers), response.content)


def _line(method: str, path: str) -> str:
    return f"{method} /{path.split('/', 5)[5]}"


def _reply(status: int, headers: dict[str, str], body: bytes) -> bytes:
    fields = headers | {"content-length": str(len(body)), "connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode("latin-1") + body
