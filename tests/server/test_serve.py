import asyncio
import datetime
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.types import Receive, Scope, Send

from mfa_tui.cli.commands import serve
from mfa_tui.cli.options import ServeOptions
from mfa_tui.errors import UsageError
from mfa_tui.server import body
from mfa_tui.server import http_server as server_module
from mfa_tui.server.http_server import ProxyHeaders, Server
from mfa_tui.server.service import Service
from tests.faults.service_processes import Server as Process
from tests.support.caller import Caller

REQUEST = (
    "POST /api/v0/sdk/{environment}/emailVerifications/create HTTP/1.1\r\n"
    "host: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
)
BODY = b'{"email": "ada@example.org"}'


def _options(folder: Path, **changes: Any) -> ServeOptions:  # noqa: ANN401 - any of the options
    return replace(ServeOptions(data_dir=folder, limits="relaxed"), **changes)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_serving_a_public_address_requires_tls_or_a_proxy(folder: Path, host: str) -> None:
    with pytest.raises(UsageError, match="could be read on the way"):
        serve.run(_options(folder, host=host))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tls_cert": Path("cert.pem")}, "a certificate and its key"),
        ({"tls_key": Path("key.pem")}, "a certificate and its key"),
        ({"tls_cert": Path("none.pem"), "tls_key": Path("none.pem")}, "cannot be used"),
        ({"tls_cert": Path(__file__), "tls_key": Path(__file__)}, "cannot be used"),
        ({"environment_id": "X"}, "not a UUID"),
        ({"environment_id": "0000000G-0000-4000-8000-000000000000"}, "not a UUID"),
        ({"host": "no such host"}, "[Cc]annot listen"),
        ({"port": 70_000}, "[Cc]annot listen"),
        ({"port": -1}, "[Cc]annot listen"),
    ],
)
def test_unusable_options_are_a_usage_error(folder: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        serve.run(_options(folder, **options))


def test_an_unusable_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot be used.*Nothing was done.*choose another data folder"):
        serve.run(_options(tmp_path / "file" / "folder"))


def test_a_used_port_is_a_usage_error(folder: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match="Cannot listen on"),
    ):
        serve.run(_options(folder, port=taken.getsockname()[1]))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_serve_prints_its_address_and_stops_on_a_signal(folder: Path, number: signal.Signals, status: int) -> None:
    process = Process(folder)
    try:
        base, environment_id = process.url.split("/sdk/")
        assert base.startswith("http://127.0.0.1:")
        assert base.endswith("/api/v0")
        assert httpx.get(f"{process.url}/settings").status_code == 200
        assert httpx.get(f"{base.removesuffix('/api/v0')}/healthz").json() == {"status": "ok"}
    finally:
        assert process.stop(number) == status
    Service.open(folder, environment_id=environment_id).close()


def test_shutdown_completes_a_request_in_progress(folder: Path) -> None:
    process = Process(folder)
    host, port = process.url.split("/")[2].split(":")
    request = REQUEST.format(environment=process.url.rpartition("/")[2], length=len(BODY)).encode()
    try:
        with (
            socket.create_connection((host, int(port)), timeout=10) as busy,
            socket.create_connection((host, int(port)), timeout=10) as idle,
        ):
            busy.sendall(request + BODY[:5])
            idle.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert idle.recv(1000).startswith(b"HTTP/1.1 200 ")
            process.process.send_signal(signal.SIGTERM)
            while idle.recv(1000):
                pass  # the server closes idle connections when it receives the signal
            busy.sendall(BODY[5:])
            assert busy.recv(1000).startswith(b"HTTP/1.1 201 ")
    finally:
        assert process.stop() == 143


@asynccontextmanager
async def _served(service: Service, certificate: tuple[Path, Path] | None = None) -> AsyncIterator[tuple[Server, int]]:
    """Serve in this process; yield the server and its port."""
    listens = asyncio.Event()
    server = Server(service.app, certificate, listens.set)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        serving = asyncio.create_task(server.serve([listening]))
        await listens.wait()
        try:
            yield server, port
        finally:
            server.should_exit = True
            await serving


async def _wait_until_disconnected(server: Server) -> None:
    async with asyncio.timeout(5):
        while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("earlier", "sent"), [(0, b""), (0, b"GET /heal"), (1, b"GET /heal")])
async def test_a_client_with_slow_headers_is_disconnected(
    service: Service, monkeypatch: pytest.MonkeyPatch, earlier: int, sent: bytes
) -> None:
    monkeypatch.setattr(server_module, "HEADERS_TIMEOUT", 0.05)
    async with _served(service) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(earlier):
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200 ")
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
        await _wait_until_disconnected(server)


async def test_a_client_with_a_slow_body_is_disconnected(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_TIMEOUT", 0.05)
    async with _served(service) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST.format(environment=service.environment_id, length=len(BODY)).encode() + BODY[:5])
        async with asyncio.timeout(5):
            received = await reader.read()
        assert received.startswith(b"HTTP/1.1 408 ")
        writer.close()
        await _wait_until_disconnected(server)


async def test_disconnected_clients_leave_no_connections_or_locks(service: Service) -> None:
    request = REQUEST.format(environment=service.environment_id, length=len(BODY)).encode()
    async with _served(service) as (server, port):
        for sent in (b"", b"POST", request, request + BODY[:5], request + BODY, b"\x16\x03\x01junk\r\n\r\n") * 5:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        await _wait_until_disconnected(server)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            ada = await Caller(http, service).sign_in()
            assert len(await ada.rotate()) == 10


async def test_a_large_body_is_refused_before_it_is_read(service: Service) -> None:
    async with _served(service) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST.format(environment=service.environment_id, length=10**9).encode() + bytes(70_000))
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


async def test_serve_uses_tls_with_a_certificate(service: Service, tmp_path: Path) -> None:
    certificate = _self_signed(tmp_path)
    trusted = ssl.create_default_context(cafile=certificate[0])
    async with _served(service, certificate) as (_, port), httpx.AsyncClient(verify=trusted) as http:
        assert (await http.get(f"https://localhost:{port}/healthz")).status_code == 200


async def test_the_client_address_is_the_last_forwarded_one() -> None:
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["client"][0])

    async def receive() -> dict[str, str]:
        return {}

    async def send(_message: object) -> None:
        pass

    for headers in ([], [(b"x-forwarded-for", b"192.0.2.66, 192.0.2.1")]):
        await ProxyHeaders(app)({"type": "http", "client": ("127.0.0.1", 1), "headers": headers}, receive, send)
    assert seen == ["127.0.0.1", "192.0.2.1"]
