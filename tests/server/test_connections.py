import asyncio
import logging
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from mfa_tui.server.connection_table import ConnectionLimits
from mfa_tui.server.http_server import Server
from mfa_tui.server.service import Service
from tests.faults.service_processes import Server as Process
from tests.support.caller import Caller
from tests.support.certificate import self_signed

LIMIT = 0.05
GET = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"
LARGE = 20_000_000
"""The size of a response that exceeds the buffers of a connection."""
EARLY = b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n"
CREATE = (
    "POST /api/v0/sdk/{environment}/emailVerifications/create HTTP/1.1\r\n"
    "host: localhost\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
)
BODY = b'{"email": "ada@example.org"}'

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def _limits(state: str) -> ConnectionLimits:
    """Return limits with little time in one state."""
    changed: dict[str, Any] = {state: LIMIT}
    return ConnectionLimits(**changed)


def _create(service: Service, length: str = f"content-length: {len(BODY)}") -> bytes:
    return CREATE.format(environment=service.environment_id, length=length).encode()


@asynccontextmanager
async def _served(app: ASGIApp, **options: Any) -> AsyncIterator[tuple[Server, int]]:  # noqa: ANN401 - any of Server's
    """Serve in this process; yield the server and its port."""
    listens = asyncio.Event()
    server = Server(app, listens.set, **options)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        serving = asyncio.create_task(server.serve([listening]))
        await listens.wait()
        try:
            yield server, port
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def _connected(port: int, **options: Any) -> AsyncIterator[Connection]:  # noqa: ANN401 - any of open_connection's
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _request(connection: Connection, request: bytes = GET) -> bytes:
    """Send a request, and return the response's status line, after its body."""
    reader, writer = connection
    writer.write(request)
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    return head.partition(b"\r\n")[0]


async def _read_to_end(connection: Connection) -> bytes:
    async with asyncio.timeout(5):
        try:
            return await connection[0].read()
        except ConnectionError:
            return b""


async def _wait_until_disconnected(server: Server) -> None:
    async with asyncio.timeout(5):
        while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("state", "earlier", "sent"),
    [
        ("headers", 0, b""),
        ("headers", 0, b"GET /heal"),
        ("headers", 1, b"GET /heal"),
        ("answered", 1, b"x"),
        ("idle", 1, b""),
    ],
)
async def test_a_client_that_keeps_a_state_waiting_is_disconnected(
    service: Service, state: str, earlier: int, sent: bytes
) -> None:
    async with (
        _served(service.app, limits=_limits(state)) as (server, port),
        _connected(port) as connection,
    ):
        for _ in range(earlier):
            await _request(connection, EARLY if state == "answered" else GET)
        connection[1].write(sent)
        assert await _read_to_end(connection) == b""
        await _wait_until_disconnected(server)


async def test_a_slow_body_is_refused_and_the_client_disconnected(service: Service) -> None:
    async with (
        _served(service.app, limits=_limits("body")) as (server, port),
        _connected(port) as connection,
    ):
        connection[1].write(_create(service) + BODY[:5])
        assert (await _read_to_end(connection)).startswith(b"HTTP/1.1 408 ")
        await _wait_until_disconnected(server)


@pytest.mark.parametrize("state", ["sending", "closing"])
@pytest.mark.parametrize("tls", [False, True])
async def test_a_response_that_is_not_read_is_aborted(tmp_path: Path, state: str, *, tls: bool) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(LARGE).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers[: 1 + (state == "closing")]})
        await send({"type": "http.response.body", "body": bytes(LARGE)})

    certificate = self_signed(tmp_path) if tls else None
    trusted = ssl.create_default_context(cafile=certificate[0]) if certificate else None
    async with (
        _served(app, certificate=certificate, limits=_limits(state)) as (server, port),
        _connected(port, limit=1024, ssl=trusted, server_hostname="localhost" if tls else None) as (_, writer),
    ):
        writer.write(GET)
        async with asyncio.timeout(5):
            while not server.server_state.total_requests:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
        await _wait_until_disconnected(server)


async def test_a_silent_client_of_tls_is_disconnected(service: Service, tmp_path: Path) -> None:
    async with (
        _served(service.app, certificate=self_signed(tmp_path), limits=_limits("handshake")) as (server, port),
        _connected(port) as connection,
    ):
        assert await _read_to_end(connection) == b""
        await _wait_until_disconnected(server)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("limits", [ConnectionLimits(per_client=2), ConnectionLimits(total=2)])
async def test_one_connection_too_many_ends_the_longest_unused(
    service: Service, tmp_path: Path, limits: ConnectionLimits, *, tls: bool
) -> None:
    certificate = self_signed(tmp_path) if tls else None
    async with (
        _served(service.app, certificate=certificate, limits=limits) as (_, port),
        _connected(port) as first,
        _connected(port) as second,
    ):
        if not tls:
            await _request(first)
        async with _connected(port):
            assert await _read_to_end(first if tls else second) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")
async def test_a_client_with_too_many_connections_does_not_end_those_of_others(service: Service) -> None:
    async with (
        _served(service.app, limits=ConnectionLimits(per_client=2)) as (_, port),
        _connected(port) as other,
        _connected(port, local_addr=("127.0.0.2", 0)) as first,
        _connected(port, local_addr=("127.0.0.2", 0)),
        _connected(port, local_addr=("127.0.0.2", 0)),
    ):
        assert await _read_to_end(first) == b""
        assert await _request(other) == b"HTTP/1.1 200 OK"


async def test_a_trusted_proxy_may_use_all_connections(service: Service) -> None:
    proxies = [ip_network("127.0.0.0/8")]
    async with (
        _served(service.app, limits=ConnectionLimits(per_client=1), trusted_proxies=proxies) as (_, port),
        _connected(port) as first,
        _connected(port),
    ):
        assert await _request(first) == b"HTTP/1.1 200 OK"


async def test_a_connection_is_refused_while_all_requests_are_handled() -> None:
    started, finish = asyncio.Event(), asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        started.set()
        await finish.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async with _served(app, limits=ConnectionLimits(total=1)) as (_, port), _connected(port) as busy:
        busy[1].write(GET)
        await started.wait()
        async with _connected(port) as refused:
            assert (await _read_to_end(refused)).startswith(b"HTTP/1.1 503 ")
        finish.set()
        assert (await busy[0].readline()).startswith(b"HTTP/1.1 200 ")


@contextmanager
def _attack(port: int, sent: bytes, answer: bytes, then: bytes) -> Iterator[None]:
    """Hold 499 connections, on each of which something was sent, and more after the answer."""
    with ExitStack() as attackers:
        for _ in range(499):
            attacker = attackers.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            attacker.sendall(sent)
            assert attacker.recv(len(answer)) == answer if answer else True
            attacker.sendall(then)
        yield


def test_a_request_is_answered_while_a_client_holds_499_connections(folder: Path) -> None:
    process = Process(folder)
    try:
        base = process.url.partition("/api/")[0]
        for sent, answer, then in ((EARLY, b"HTTP/1.1 404 ", b"x"), (b"GET /heal", b"", b"t"), (b"", b"", b"G")):
            with _attack(int(base.rpartition(":")[2]), sent, answer, then):
                assert httpx.get(f"{base}/healthz").status_code == 200, sent
    finally:
        process.stop()


@pytest.mark.parametrize(
    "request_head",
    [
        b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        b"GET /healthz HTTP/1.1\nhost: localhost\n\n",
        b"GET /healthz HTTP/1.1\r\nhost: localhost\nx: y\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\n",
        b"GET /healthz HTTP/1.1\r\nhost: localhost\n\r\n",
    ],
)
@pytest.mark.parametrize("before", [b"", GET, EARLY + b"123456789"])
async def test_an_ambiguous_request_is_refused(service: Service, before: bytes, request_head: bytes) -> None:
    async with _served(service.app) as (_, port), _connected(port) as connection:
        connection[1].write(before + request_head)
        responses = await _read_to_end(connection)
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", responses)
    assert statuses[-1] == b"400"
    assert len(statuses) == (2 if before else 1)


async def test_line_feeds_in_a_body_are_allowed(service: Service) -> None:
    body = b'{"email":\n\n"ada@example.org"}'
    async with _served(service.app) as (_, port), _connected(port) as connection:
        for _ in range(2):
            status = await _request(connection, _create(service, f"content-length: {len(body)}") + body)
            assert status == b"HTTP/1.1 201 Created"


@pytest.mark.parametrize("answered", [False, True])
async def test_a_broken_chunk_is_logged_on_one_line(
    service: Service, caplog: pytest.LogCaptureFixture, *, answered: bool
) -> None:
    chunked = _create(service, "transfer-encoding: chunked")
    async with _served(service.app) as (server, port), _connected(port) as connection:
        connection[1].write(chunked.replace(b"/sdk/", b"/x/") if answered else chunked)
        if answered:
            await connection[0].readuntil(b"\r\n\r\n")
        connection[1].write(b"5\r\nabcde\r\nbroken\r\n")
        received = await _read_to_end(connection)
        await _wait_until_disconnected(server)
    assert received.startswith(b"HTTP/1.1 400 ") is not answered
    records = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.getMessage(), record.exc_info) for record in records] == [("Invalid HTTP request received.", None)]


@pytest.mark.parametrize(
    ("trusted", "headers", "client"),
    [
        ([], ["192.0.2.1"], "127.0.0.1"),
        (["192.0.2.0/24"], ["192.0.2.1"], "127.0.0.1"),
        (["127.0.0.1"], [], "127.0.0.1"),
        (["127.0.0.1"], ["192.0.2.66, 192.0.2.1"], "192.0.2.1"),
        (["127.0.0.1"], ["192.0.2.66", "192.0.2.1"], "192.0.2.1"),
        (["127.0.0.1", "192.0.2.0/24"], ["198.51.100.7, 192.0.2.1"], "198.51.100.7"),
    ],
)
async def test_only_a_trusted_proxy_names_the_client(trusted: list[str], headers: list[str], client: str) -> None:
    seen = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    forwarded = "".join(f"x-forwarded-for: {value}\r\n" for value in headers)
    request = GET.replace(b"\r\n\r\n", f"\r\n{forwarded}\r\n".encode())
    proxies = [ip_network(network) for network in trusted]
    async with _served(app, trusted_proxies=proxies) as (_, port), _connected(port) as connection:
        assert await _request(connection, request) == b"HTTP/1.1 200 OK"
    assert seen == [client]


async def test_disconnected_clients_leave_no_connections_or_locks(service: Service) -> None:
    request = _create(service)
    async with _served(service.app) as (server, port):
        for sent in (b"", b"POST", request, request + BODY[:5], request + BODY, b"\x16\x03\x01junk\r\n\r\n") * 5:
            async with _connected(port) as (_, writer):
                writer.write(sent)
                writer.close()
        await _wait_until_disconnected(server)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            ada = await Caller(http, service).sign_in()
            assert len(await ada.rotate()) == 10


async def test_a_large_body_is_refused_before_it_is_read(service: Service) -> None:
    async with _served(service.app) as (_, port), _connected(port) as (reader, writer):
        writer.write(_create(service, f"content-length: {10**9}") + bytes(70_000))
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")


async def test_serve_uses_tls_with_a_certificate(service: Service, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    trusted = ssl.create_default_context(cafile=certificate[0])
    async with (
        _served(service.app, certificate=certificate) as (_, port),
        httpx.AsyncClient(verify=trusted, base_url=f"https://localhost:{port}") as http,
    ):
        ada = await Caller(http, service).sign_in()
        assert len(await ada.codes()) == 10
