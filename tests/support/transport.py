"""A transport between the client and the built-in service that records requests and injects faults."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from mfa_tui.client import transport
from mfa_tui.protocol import models

Pass = Callable[[], Awaitable[httpx.Response]]
Fault = Callable[[httpx.Request, Pass], Awaitable[httpx.Response]]

READ = "GET /users/mfa/recovery"
ROTATE = "POST /users/mfa/recovery"
USE = "POST /users/mfa/auth/recovery"
WHO = "GET /users"
ACKNOWLEDGE = "PUT /users"
REFRESH = "POST /refresh"
REVOKE = "POST /revoke"
SETTINGS = "GET /settings"


class FaultyTransport(httpx.AsyncBaseTransport):
    """A transport to an ASGI app that injects faults, by method and path.

    Args:
        idempotent: Whether responses say that the service is idempotent; the hosted service's do not.
    """

    def __init__(self, *, idempotent: bool = False) -> None:
        self.idempotent = idempotent
        self.noted: list[str] = []
        self.requests: list[httpx.Request] = []
        self.faults: dict[str, Fault] = {}
        self._service: httpx.AsyncBaseTransport | None = None

    def to(self, app: transport.AsgiApp) -> "FaultyTransport":
        """Send the requests to this app."""
        self._service = httpx.ASGITransport(app=app)
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = "/" + request.url.path.split("/", 5)[5]
        line = f"{request.method} {path}"
        self.noted.append(line)
        self.requests.append(request)

        async def carry() -> httpx.Response:
            assert self._service is not None
            return await self._service.handle_async_request(request)

        fault = self.faults.get(line)
        response = await carry() if fault is None else await fault(request, carry)
        if not self.idempotent:
            response.headers.pop(models.IDEMPOTENCY_HEADER, None)
        return response

    def count(self, line: str) -> int:
        return self.noted.count(line)


async def lost_before(request: httpx.Request, _carry: Pass) -> httpx.Response:
    """Break the connection before the service gets the request."""
    raise httpx.ReadError("", request=request)


async def lost_after(request: httpx.Request, carry: Pass) -> httpx.Response:
    """Break the connection after the service has acted."""
    await carry()
    raise httpx.ReadError("", request=request)


async def not_reached(request: httpx.Request, _carry: Pass) -> httpx.Response:
    """Refuse the connection."""
    raise httpx.ConnectError("", request=request)


async def stuck(_request: httpx.Request, _carry: Pass) -> httpx.Response:
    """Never respond."""
    await asyncio.Event().wait()
    raise AssertionError


def refuses(status: int, body: object, **headers: str) -> Fault:
    """Respond in place of the service."""

    async def fault(_request: httpx.Request, _carry: Pass) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, json=body, headers=names)

    return fault


def changes(change: Callable[[dict[str, Any]], object]) -> Fault:
    """Let the service act, and change its response."""

    async def fault(_request: httpx.Request, carry: Pass) -> httpx.Response:
        response = await carry()
        return httpx.Response(response.status_code, json=change(json.loads(await response.aread())))

    return fault


def after(action: Callable[[], object], then: Fault) -> Fault:
    """Run an action before the request is sent."""

    async def fault(request: httpx.Request, carry: Pass) -> httpx.Response:
        action()
        return await then(request, carry)

    return fault


def starting(network: FaultyTransport, faults: dict[str, Fault], then: Fault) -> Fault:
    """Begin other faults when this request is sent."""
    return after(lambda: network.faults.update(faults), then)


async def straight(_request: httpx.Request, carry: Pass) -> httpx.Response:
    """Inject no fault."""
    return await carry()


WITHHELD = refuses(403, {"error": "Recovery codes were acknowledged"})
"""The service does not return a set that is confirmed, as the vendor documents for its React hooks."""
