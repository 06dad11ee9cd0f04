"""Whatever a server sends, a request ends soon, with one of its four outcomes, and leaves nothing behind."""

import asyncio
import gzip
import json
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from mfa_tui.client import errors, transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.errors import ExitCode
from mfa_tui.redaction import Secret
from mfa_tui.timing import Timing
from tests.support.certificate import self_signed

TOKEN = Secret("a.token.x")
ENVIRONMENT = "b4c1e6a2-0000-4000-8000-000000000000"
CODES = b'{"count": 1, "recoveryCodes": ["ABCDEFGHIJ"]}'
USER = b'{"id": "u1", "projectEnvironmentId": "e", "verifiedCredentials": []}'
IMPATIENT = Timing(request_timeout=0.3)

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Responds to a request, given its head."""


@asynccontextmanager
async def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server that responds to each request of a connection, and yield the API's URL."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    await respond(await reader.readuntil(b"\r\n\r\n"), writer)
                    await writer.drain()
        finally:
            writer.close()

    # In tasks of our own: those that asyncio creates log a cancellation.
    tasks: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(
        lambda *ends: tasks.append(asyncio.create_task(take(*ends))), "127.0.0.1", 0, ssl=tls
    )
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{port}/api/v0"
    finally:
        await asyncio.sleep(0.05 if tls else 0)  # a handshake that failed ends in no task
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def client_of(url: str, timing: Timing = IMPATIENT) -> DynamicClient:
    return DynamicClient(transport.network(url), url, ENVIRONMENT, timing)


def response(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    head = "".join(f"{field}\r\n" for field in fields)
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body


def always(raw: bytes) -> Respond:
    async def respond(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return respond


async def test_duplicated_response_is_not_taken_for_that_of_the_next_request() -> None:
    numbers = count()

    async def respond(_head: bytes, writer: asyncio.StreamWriter) -> None:
        codes = json.dumps({"count": 1, "recoveryCodes": [f"CODE{next(numbers)}"]}).encode()
        writer.write(response(codes) * 2)

    async with serving(respond) as url, client_of(url) as client:
        read = [await client.create_new_mfa_recovery_codes(TOKEN) for _ in range(3)]
    assert [codes.recovery_codes for codes in read] == [(Secret(f"CODE{number}"),) for number in range(3)]


async def _trickle(_head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _early_hints(_head: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _silence(_head: bytes, writer: asyncio.StreamWriter) -> None:
    await writer.drain()


@pytest.mark.parametrize("respond", [_trickle, _early_hints, _silence])
async def test_exchange_that_never_ends_has_a_deadline(respond: Respond) -> None:
    async with serving(respond) as url, client_of(url) as client:
        with pytest.raises(errors.OutcomeUnknownError):
            await client.create_new_mfa_recovery_codes(TOKEN)


async def test_compressed_response_is_not_asked_for_and_not_decompressed() -> None:
    heads: list[bytes] = []
    bomb = gzip.compress(gzip.compress(b" " * 256 * 1024 * 1024))

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        writer.write(response(bomb, "content-encoding: gzip, gzip"))

    async with serving(respond) as url, client_of(url, Timing(request_timeout=10)) as client:
        tracemalloc.start()
        with pytest.raises(errors.OutcomeUnknownError):
            await client.create_new_mfa_recovery_codes(TOKEN)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert b"accept-encoding: identity" in heads[0].lower()
    assert peak < 4 * 1024 * 1024


STRANGE_DATES = [
    "Mon, 01 Jan 99999 00:00:00 GMT",
    "Mon, 01 Jan 9999 23:59:59 -2359",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Mon, 99 Foo 2024 99:99:99 GMT",
    "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
    "Mon, 01 Jan 2024 00:00:00 " + "9" * 5000,
    "9" * 5000,
    "\u00b2",
    "",
]


@pytest.mark.parametrize("date", STRANGE_DATES)
async def test_strange_date_decides_no_outcome(date: str) -> None:
    fields = (f"date: {date}", f"retry-after: {date}")
    async with serving(always(response(CODES, *fields))) as url, client_of(url) as client:
        assert (await client.create_new_mfa_recovery_codes(TOKEN)).count == 1
    slow = response(b'{"error": "slow"}', *fields, status="429 Slow")
    async with serving(always(slow)) as url, client_of(url) as client:
        with pytest.raises(errors.RateLimitedError):
            await client.create_new_mfa_recovery_codes(TOKEN)


async def test_cookie_of_a_cut_response_is_not_sent_back() -> None:
    heads: list[bytes] = []

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        if len(heads) == 1:
            writer.write(b"HTTP/1.1 200 OK\r\nset-cookie: session=x; Path=/\r\ncontent-length: 99\r\n\r\n{")
            writer.close()
        else:
            writer.write(response(USER))

    async with serving(respond) as url, client_of(url) as client:
        with pytest.raises(errors.OutcomeUnknownError):
            await client.get_user(TOKEN)
        await client.get_user(TOKEN)
    assert b"cookie" not in heads[1].lower()


async def test_failed_certificate_check_is_named_and_nothing_is_sent(tmp_path: Path) -> None:
    heads: list[bytes] = []

    async def respond(head: bytes, _writer: asyncio.StreamWriter) -> None:
        heads.append(head)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    async with serving(respond, context) as url, client_of(url) as client:
        with pytest.raises(errors.TlsError, match="certificate") as caught:
            await client.get_user(TOKEN)
    assert caught.value.exit_code is ExitCode.REFUSED
    assert not heads


async def test_server_without_tls_is_named_as_such() -> None:
    def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response(b"", status="400 Bad Request"))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client_of(f"https://127.0.0.1:{port}/api/v0") as client:
        with pytest.raises(errors.TlsError, match="secure connection"):
            await client.get_user(TOKEN)


def test_tls_keys_are_not_written_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    transport.network("https://service.test/api/v0")
    assert not keys.exists()


def test_no_certificate_is_loaded_for_a_service_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[ssl.SSLContext] = []

    def load(context: ssl.SSLContext) -> None:
        loaded.append(context)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    transport.network("http://127.0.0.1:1/api/v0")
    assert not loaded
    transport.network("https://service.test/api/v0")
    assert len(loaded) == 1
    assert loaded[0].verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("expires_at", [10**18, -1, 253_402_300_800])
async def test_impossible_end_of_a_session_is_refused(expires_at: int) -> None:
    body = json.dumps({"user": json.loads(USER), "expiresAt": expires_at, "minifiedJwt": "t"}).encode()
    async with serving(always(response(body))) as url, client_of(url) as client:
        with pytest.raises(errors.OutcomeUnknownError):
            await client.refresh(TOKEN)
