"""HTTP responses, and the error boundary around every endpoint."""

import logging
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import IDEMPOTENCY_HEADER, IDEMPOTENCY_SECONDS
from mfa_tui.redaction import CrashReport
from mfa_tui.server.keys import DecryptionError
from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import CommitUnknownError, RolledBackError

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # without a handler Python prints to the terminal that shows the interface

_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]{1,64}( ?, ?[A-Za-z0-9-]{1,64}){0,63}")

_COMMON_HEADERS = {
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "retry-after",
    "x-content-type-options": "nosniff",
    IDEMPOTENCY_HEADER: str(IDEMPOTENCY_SECONDS),
}
"""No response may be cached. Any origin may send requests, because a token identifies the client, never a cookie."""


def json(content: bytes, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a response with a JSON body."""
    return Response(content, status, _COMMON_HEADERS, "application/json")


def empty(status: HTTPStatus) -> Response:
    """Return a response without a body."""
    return Response(status_code=status, headers=_COMMON_HEADERS)


def error(refusal: RefusalError) -> Response:
    """Return the error response for a refusal."""
    return Response(refusal.body, refusal.status, {**_COMMON_HEADERS, **refusal.headers}, "application/json")


def preflight(request: Request) -> Response:
    """Return the response to a CORS preflight request.

    It allows every method on every path, so that the web app can read the 404 or 405 of the request itself. Starlette's
    CORSMiddleware would return the requested header names unchecked.
    """
    requested = request.headers.get("access-control-request-headers", "")
    allowed = requested if _HEADER_NAMES.fullmatch(requested) else "content-type, authorization"
    headers = {
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "access-control-allow-headers": allowed,
        "access-control-max-age": "600",
    }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={**_COMMON_HEADERS, **headers})


class ErrorBoundary(msgspec.Struct, frozen=True):
    """An ASGI app that runs an endpoint and turns each of its errors into a response.

    Starlette's own exception handlers raise an unexpected error again after the response, and the HTTP server then
    logs its message, which can contain a secret.
    """

    endpoint: Callable[[Request], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request = Request(scope, receive)
        try:
            response = await self.endpoint(request)
        except ClientDisconnect:
            return
        except RefusalError as refusal:
            response = error(refusal)
        except RolledBackError as failure:
            response = error(_storage_failed(failure.code))
        except DecryptionError:
            response = error(_storage_failed(ErrorCode.STORAGE_DAMAGED))
        except CommitUnknownError:
            text = "The disk or the database failed. It is unknown if the change was stored."
            response = error(RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, text))
        except Exception as exception:  # noqa: BLE001 - an unexpected error's message can contain a secret
            crash = CrashReport.from_exception(exception)
            _log.error("%s at %s, reference %s", crash.kind, crash.place, crash.reference)
            text = f"Internal error, reference {crash.reference}."
            response = error(RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, text))
        await response(scope, receive, send)


def _storage_failed(code: ErrorCode) -> RefusalError:
    text = f"{_STORAGE_FAILURES[code]} Nothing was changed."
    return RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, text, code=code)


_STORAGE_FAILURES = {
    ErrorCode.STORAGE_FAILED: "The database could not be used: it is away, locked or read-only, or the disk failed.",
    ErrorCode.STORAGE_FULL: "The database could not be changed: the disk is full.",
    ErrorCode.STORAGE_DAMAGED: "The database is damaged, or belongs to other keys.",
    ErrorCode.STORAGE_MISSING: "The database was removed or replaced while the service runs.",
}
