"""Requests that have no response: how long they take, and which of them can be cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from mfa_tui.client import errors, transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.pending import PendingRequest
from mfa_tui.timing import Timing
from tests.client.test_client import ENVIRONMENT, TOKEN

CONNECTS = "connection.connect_tcp.started"
SENDS = "http11.send_request_headers.started"

Call = Callable[[DynamicClient], Coroutine[Any, Any, object]]


async def read(client: DynamicClient) -> object:
    return await client.get_mfa_recovery_codes(TOKEN)


async def rotate(client: DynamicClient) -> object:
    return await client.create_new_mfa_recovery_codes(TOKEN)


class SilentTransport(httpx.AsyncBaseTransport):
    """A transport whose requests get as far as these events, and no further."""

    def __init__(self, *events: str) -> None:
        self._events = events

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for event in self._events:
            await request.extensions["trace"](event, {})
        await asyncio.Event().wait()
        raise AssertionError


@asynccontextmanager
async def waiting(
    call: Call, silent: httpx.AsyncBaseTransport, api_url: str = "https://service.test/api/v0"
) -> AsyncIterator[tuple["asyncio.Task[object]", PendingRequest]]:
    """Start a request that gets no response."""
    async with DynamicClient(silent, api_url, ENVIRONMENT) as client:
        task = asyncio.create_task(call(client))
        await asyncio.sleep(0.1)
        yield task, client.pending[0]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert client.pending == []


@pytest.mark.parametrize(
    ("call", "events"), [(rotate, [CONNECTS]), (read, [CONNECTS]), (read, [CONNECTS, SENDS]), (read, [])]
)
async def test_request_that_changed_nothing_is_cancelled(call: Call, events: list[str]) -> None:
    async with waiting(call, SilentTransport(*events)) as (task, request):
        assert request.cancel()
        assert request.cancel()
        with pytest.raises(errors.RequestCancelledError, match="Cancelled: the service had not answered") as caught:
            await task
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("events", [[], [CONNECTS, SENDS], [CONNECTS, SENDS, CONNECTS]])
async def test_request_that_may_have_left_is_not_cancelled(events: list[str]) -> None:
    async with waiting(rotate, SilentTransport(*events)) as (task, request):
        assert not request.cancel()
        await asyncio.sleep(0)
        assert not task.done()


async def test_request_that_leaves_while_it_is_cancelled_has_an_unknown_outcome() -> None:
    async with waiting(rotate, SilentTransport(CONNECTS)) as (task, request):
        assert request.cancel()
        await request.trace(SENDS, {})
        with pytest.raises(errors.OutcomeUnknownError):
            await task


async def read_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request, and respond to it with nothing."""
    await reader.read()
    writer.close()


async def test_network_reports_that_a_request_has_left() -> None:
    server = await asyncio.start_server(read_all, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/api/v0"
    async with waiting(rotate, transport.network(url), url) as (_, request):
        assert request._is_connecting is False
    server.close()
    await server.wait_closed()


async def test_service_that_does_not_answer_is_called_that() -> None:
    client = DynamicClient(SilentTransport(), "https://service.test/api/v0", ENVIRONMENT, Timing(request_timeout=0.02))
    async with client:
        with pytest.raises(errors.OutcomeUnknownError, match="The service has not answered for 0 s"):
            await rotate(client)
