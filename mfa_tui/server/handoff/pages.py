"""The page of a hand-off: a browser opens it from the link that a terminal shows.

It has no cookie and no token. Its requests have JSON bodies and are checked for its own origin, so no other page can
send them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.handoffs import AnswerHandoff, FollowHandoff, OpenHandoff
from mfa_tui.server import body, limits, responses
from mfa_tui.server.context import ServiceContext
from mfa_tui.server.handoff import handoffs
from mfa_tui.server.handoff.handoffs import PAGE_PATH
from mfa_tui.server.refusal import RefusalError, bad_request
from mfa_tui.server.responses import ErrorBoundary
from mfa_tui.server.store import Store

FOLLOW_SECONDS = 10.0
"""How long a request waits for the state to change: less than the longest time that a connection may take."""

FOLLOW_INTERVAL = 0.25
"""Between two looks at the state."""

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none';"
        " base-uri 'none'; form-action 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
}

_T = TypeVar("_T")
_RequestT = TypeVar("_RequestT", bound=models.Request)


class HandoffPages(msgspec.Struct, frozen=True):
    """Serves the page and its requests, which run in the threads of `threads`: database calls block."""

    service: ServiceContext
    store: Store
    threads: Executor

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        handlers: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "": partial(self._send_file, "page.html", "text/html"),
            "/page.js": partial(self._send_file, "page.js", "text/javascript"),
            "/open": self._open,
            "/answer": self._answer,
            "/state": self._follow,
        }
        return [Route(PAGE_PATH + path, _WithHeaders(ErrorBoundary(handler))) for path, handler in handlers.items()]

    async def _send_file(self, name: str, media_type: str, request: Request) -> Response:
        if request.method != "GET":
            raise _method_not_allowed("GET")
        from importlib.resources import files  # noqa: PLC0415 - 1 ms of every start, and few have a browser ask

        return Response(files(__package__).joinpath(name).read_bytes(), media_type=media_type)

    async def _open(self, request: Request) -> Response:
        opening = await self._receive(request, OpenHandoff)
        origin = request.headers.get("origin", "")
        work = partial(handoffs.open_link, keys=self.service.keys, origin=origin, request=opening)
        opened = await self._run(partial(self.store.write, work))
        if opened is None:
            text = "This link was opened before, and works once. Start again in your terminal for a new link."
            raise RefusalError(HTTPStatus.CONFLICT, text)
        return responses.json(codec.encode(opened))

    async def _answer(self, request: Request) -> Response:
        answer = await self._receive(request, AnswerHandoff)
        user_agent = request.headers.get("user-agent", "")
        work = partial(handoffs.answer, keys=self.service.keys, user_agent=user_agent, request=answer)
        return responses.json(codec.encode(await self._run(partial(self.store.write, work))))

    async def _follow(self, request: Request) -> Response:
        """Respond once the state is another one than the page knows, so that the page hears of the end at once."""
        followed = await self._receive(request, FollowHandoff)
        work = partial(handoffs.follow, keys=self.service.keys, request=followed)
        deadline = time.monotonic() + FOLLOW_SECONDS
        while (found := await self._run(partial(self.store.read, work))).state == followed.state:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(FOLLOW_INTERVAL)
        return responses.json(codec.encode(found))

    async def _receive(self, request: Request, kind: type[_RequestT]) -> _RequestT:
        if request.method != "POST":
            raise _method_not_allowed("POST")
        client = limits.client_of(request.client.host if request.client else "")
        self.service.limiter.record_request(client, limits.GENERAL)
        if request.headers.get("content-type") != "application/json":
            raise bad_request("The body must be JSON.")
        try:
            return body.decode(await body.receive(request), kind)
        except body.InvalidBodyError as error:
            raise bad_request(str(error)) from None

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


class _WithHeaders(msgspec.Struct, frozen=True):
    """Gives each response the headers of the page, also an error, and none that lets another origin read it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
                headers.update(_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _method_not_allowed(method: str) -> RefusalError:
    return RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed.", headers={"allow": method})
