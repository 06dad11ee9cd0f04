"""The ASGI app: routes each request to an operation of the table, and handles it in one transaction."""

import asyncio
import time
from collections import defaultdict
from concurrent.futures import Executor
from functools import partial
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.server import body, idempotency, limits, responses, sessions
from mfa_tui.server.context import RequestContext, ServiceContext, bearer_token
from mfa_tui.server.handoff.pages import HandoffPages
from mfa_tui.server.idempotency import Reply
from mfa_tui.server.operations import OPERATIONS, PREFIX, Access, Operation
from mfa_tui.server.refusal import RefusalError, bad_request, challenge_pending, unauthorized
from mfa_tui.server.responses import ErrorBoundary
from mfa_tui.server.store import BUSY_TIMEOUT, Clock, ReadOnlyTransactionError, RolledBackError, Store, Transaction
from mfa_tui.server.time_caps import TimeCaps
from mfa_tui.server.tokens import InvalidTokenError, SessionClaims, TokenKind

HEALTH_TIMEOUT = 1.5
"""How long `/healthz` waits for the database, in seconds."""


class Dispatcher(msgspec.Struct, frozen=True):
    """Dispatches requests to handlers, which run in the threads of `readers` and `writers`: database calls block."""

    service: ServiceContext
    store: Store
    readers: Executor
    writers: Executor
    clock: Clock
    caps: TimeCaps

    def app(self) -> Router:
        """Return the ASGI app. It needs no lifespan."""
        by_path: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
        for operation in OPERATIONS:
            by_path[operation.path][operation.method] = operation
        routes = [Route(PREFIX + path, self._resource(by_method)) for path, by_method in by_path.items()]
        routes += [Route("/healthz", ErrorBoundary(self._healthz)), Route("/openapi.json", ErrorBoundary(_openapi))]
        return Router(routes + self._page_routes(), redirect_slashes=False, default=ErrorBoundary(_not_found))

    def page_app(self) -> Router:
        """Return the ASGI app of the hand-off's page alone."""
        return Router(self._page_routes(), redirect_slashes=False, default=ErrorBoundary(_not_found))

    def _page_routes(self) -> list[Route]:
        return HandoffPages(self.service, self.store, self.writers).routes()

    def _resource(self, by_method: dict[str, Operation]) -> ASGIApp:
        """Return the ASGI app for the operations on one path."""
        methods = (*by_method, "OPTIONS")

        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return responses.preflight(request)
            if request.path_params["environmentId"] != self.service.environment_id:
                raise _environment_not_found()
            _check_method(request, methods)
            return await self._respond(by_method[request.method], request)

        return ErrorBoundary(endpoint)

    async def _respond(self, operation: Operation, request: Request) -> Response:
        client = limits.client_of(request.client.host if request.client else "")
        for rates in (limits.GENERAL, operation.rates):
            self.service.limiter.record_request(client, rates)
        raw = await body.receive(request)
        threads = self.readers if operation.method == "GET" else self.writers
        deadline = time.monotonic() + BUSY_TIMEOUT
        reply = await asyncio.get_running_loop().run_in_executor(
            threads, self._handle, operation, request, client, raw, deadline
        )
        return responses.json(reply.body, reply.status) if reply.body else responses.empty(reply.status)

    def _handle(self, operation: Operation, request: Request, client: str, raw: bytes, deadline: float) -> Reply:
        """Handle a request in a thread."""
        if time.monotonic() > deadline:
            # The requests before it waited for a lock without success. If each waited, the last one would for minutes.
            raise RolledBackError
        claims = None if operation.access is Access.PUBLIC else self._claims(request)
        decoded = _decode_body(operation, raw)

        def handle(db: Transaction) -> Reply:
            try:
                session = None if claims is None else sessions.find(db, claims)
            except RefusalError as refusal:
                return _committed(refusal)
            if operation.access is Access.COMPLETE_SESSION and session is not None and session.pending:
                raise challenge_pending()
            device_id = request.path_params.get("deviceId", "")
            context = RequestContext(
                self.service, db, request.headers, request.query_params, device_id, session, client
            )
            respond = partial(_reply, operation, context, decoded)
            if session is None or operation.method == "GET":
                return respond()
            return idempotency.respond_once(context, request.method, request.url.path, raw, respond)

        if operation.method == "GET":
            try:
                return self.store.read(handle)
            except ReadOnlyTransactionError:
                pass  # some GET requests create the resource that they return, such as the first set of codes
        self.caps.enforce()
        return self.store.write(handle)

    def _claims(self, request: Request) -> SessionClaims:
        """Return the claims of a request's session token."""
        token = bearer_token(request.headers)
        if token is None:
            raise unauthorized()
        try:
            return self.service.tokens.read(TokenKind.SESSION, SessionClaims, token, now=int(self.clock()))
        except InvalidTokenError:
            raise unauthorized() from None

    async def _healthz(self, request: Request) -> Response:
        """`GET /healthz`: 200 if the database can be used, 503 if not."""
        _check_method(request, ("GET",))
        # In a thread of its own: those for requests may all be waiting for the database.
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT):
                await asyncio.to_thread(self.store.check)
        except TimeoutError:
            raise RolledBackError from None
        return responses.json(b'{"status":"ok"}')


def _committed(refusal: RefusalError) -> Reply:
    """Return the reply for a refusal whose changes are committed, and raise any other."""
    if not refusal.commits:
        raise refusal
    return Reply(refusal.status, refusal.body)


def _reply(operation: Operation, context: RequestContext, request: models.Request | None) -> Reply:
    """Run the operation's handler."""
    try:
        message = operation.handler(context, request)
    except RefusalError as refusal:
        return _committed(refusal)
    return Reply(operation.status, b"" if message is None else codec.encode(message))


def _decode_body(operation: Operation, raw: bytes) -> models.Request | None:
    if operation.request_type is None:
        return None
    if not raw and not operation.body_required:
        return operation.request_type()
    try:
        return body.decode(raw, operation.request_type)
    except body.InvalidBodyError as error:
        if operation.path.startswith("/users/mfa/"):
            raise RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY, str(error), code=ErrorCode.MFA_INVALID_REQUEST
            ) from None
        raise bad_request(str(error)) from None


async def _openapi(request: Request) -> Response:
    """`GET /openapi.json`."""
    from mfa_tui.server import openapi  # noqa: PLC0415 - imported only if the document is requested

    _check_method(request, ("GET",))
    return responses.json(openapi.document())


async def _not_found(request: Request) -> Response:
    """Refuse a request to an unknown path. A browser sends it only after its preflight request succeeded."""
    if request.method == "OPTIONS" and request.url.path.startswith("/api/v0/sdk/"):
        return responses.preflight(request)
    raise RefusalError(HTTPStatus.NOT_FOUND, "No such endpoint.")


def _check_method(request: Request, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed.", headers={"allow": ", ".join(methods)})


def _environment_not_found() -> RefusalError:
    return RefusalError(HTTPStatus.NOT_FOUND, "Environment not found.", code=ErrorCode.ENVIRONMENT_NOT_FOUND)
