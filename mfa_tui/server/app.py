"""The ASGI app: finds the call of the table that a request makes, and has it answered in one transaction."""

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.redaction import Secret
from mfa_tui.server import body, limits, responses, sessions
from mfa_tui.server.context import RequestContext, ServiceContext
from mfa_tui.server.operations import OPERATIONS, PREFIX, Access, Operation
from mfa_tui.server.refusal import RefusalError, malformed, unauthorized
from mfa_tui.server.store import BUSY_SECONDS, Clock, ReadOnlyTransactionError, RolledBackError, Store, Transaction
from mfa_tui.server.tokens import InvalidTokenError, TokenKind


@dataclass(frozen=True)
class Dispatcher:
    """Where calls are answered.

    `readers` and `writers` have the threads for it, since SQLite blocks; `clock` gives the time.
    """

    service: ServiceContext
    store: Store
    readers: Executor
    writers: Executor
    clock: Clock

    def app(self) -> Router:
        """Return the ASGI app. It needs no lifespan."""
        routes = [Route(PREFIX + path, self._resource(calls)) for path, calls in _by_path(OPERATIONS).items()]
        routes += [
            Route("/healthz", responses.ErrorBoundary(self._healthy)),
            Route("/openapi.json", responses.ErrorBoundary(_openapi)),
        ]
        return Router(routes, redirect_slashes=False, default=responses.ErrorBoundary(_nowhere))

    def _resource(self, calls: list[Operation]) -> ASGIApp:
        """Return the ASGI app for the calls on one path."""
        by_method = {call.method: call for call in calls}
        methods = (*by_method, "OPTIONS")

        async def answer(request: Request) -> Response:
            if request.path_params["environmentId"] != self.service.environment_id:
                raise _no_such_environment()
            if request.method == "OPTIONS":
                return responses.preflight(request, methods)
            if request.method not in by_method:
                raise RefusalError(
                    HTTPStatus.METHOD_NOT_ALLOWED, "There is no such call.", headers={"allow": ", ".join(methods)}
                )
            return await self._answer(by_method[request.method], request)

        return responses.ErrorBoundary(answer)

    async def _answer(self, call: Operation, request: Request) -> Response:
        address = request.client.host if request.client else ""
        for rates in (limits.GENERAL, call.rates):
            self.service.limiter.admit(address, rates, self.clock())
        raw = await body.receive(request)
        threads = self.readers if call.method == "GET" else self.writers
        last_moment = time.monotonic() + BUSY_SECONDS
        answer = await asyncio.get_running_loop().run_in_executor(
            threads, self._answer_in_thread, call, request, raw, last_moment
        )
        if isinstance(answer, RefusalError):
            return responses.refused(answer)
        return responses.empty(call.status) if answer is None else responses.json(codec.encode(answer), call.status)

    def _answer_in_thread(
        self, call: Operation, request: Request, raw: bytes, last_moment: float
    ) -> models.Message | RefusalError | None:
        if time.monotonic() > last_moment:
            # Those before it waited for a lock in vain. Were each to wait too, the last would wait for minutes.
            raise RolledBackError
        token = None if call.access is Access.ANYONE else self._token(request)
        asked = _asked(call, raw)

        def inside(db: Transaction) -> models.Message | RefusalError | None:
            caller = None if token is None else sessions.find(db, token)
            if call.access is Access.COMPLETE and caller is not None and caller.pending:
                raise _challenge_pending()
            device_id = request.path_params.get("deviceId", "")
            visit = RequestContext(self.service, db, request.headers, request.query_params, device_id, caller)
            return call.answer(visit, asked)

        if call.method == "GET":
            try:
                with self.store.reading() as db:
                    return inside(db)
            except ReadOnlyTransactionError:
                pass  # a read that makes what it reads, such as the first set of codes, is answered anew
        with self.store.writing() as db:
            return inside(db)

    def _token(self, request: Request) -> dict[str, Any]:
        """Return the claims of the token that a request bears."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorized()
        try:
            return self.service.tokens.read(TokenKind.SESSION, Secret(token.strip()), now=int(self.clock()))
        except InvalidTokenError:
            raise unauthorized() from None

    async def _healthy(self, request: Request) -> Response:
        """`GET /healthz`: 200 if the database can be read."""
        _only_get(request)
        await asyncio.get_running_loop().run_in_executor(self.readers, self._look)
        return responses.json(b'{"status":"ok"}')

    def _look(self) -> None:
        with self.store.reading() as db:
            db.first("SELECT id FROM environment")


def _asked(call: Operation, raw: bytes) -> models.Request | None:
    """Return what a request asks for."""
    if call.takes is None:
        return None
    if not raw and not call.body_required:
        return call.takes()
    try:
        return body.decode(raw, call.takes)
    except body.InvalidBodyError as error:
        if call.path.startswith("/users/mfa/"):
            raise RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY, str(error), code=ErrorCode.MFA_INVALID_REQUEST
            ) from None
        raise malformed(str(error)) from None


async def _openapi(request: Request) -> Response:
    """`GET /openapi.json`."""
    from mfa_tui.server import openapi  # noqa: PLC0415 - only who asks for the document pays for it

    _only_get(request)
    return responses.json(openapi.document())


async def _nowhere(_request: Request) -> NoReturn:
    raise RefusalError(HTTPStatus.NOT_FOUND, "There is no such call.")


def _only_get(request: Request) -> None:
    if request.method != "GET":
        raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "There is no such call.", headers={"allow": "GET"})


def _by_path(calls: Iterable[Operation]) -> dict[str, list[Operation]]:
    grouped: dict[str, list[Operation]] = {}
    for call in calls:
        grouped.setdefault(call.path, []).append(call)
    return grouped


def _no_such_environment() -> RefusalError:
    return RefusalError(HTTPStatus.NOT_FOUND, "There is no such environment.", code=ErrorCode.ENVIRONMENT_NOT_FOUND)


def _challenge_pending() -> RefusalError:
    return RefusalError(HTTPStatus.FORBIDDEN, "Pass the MFA challenge first.", code=ErrorCode.REQUIRES_ADDITIONAL_AUTH)
