"""How answers look on the wire, and the one guard around all that answers."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.redaction import Crash
from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import CommitUnknownError, RolledBackError

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # else Python prints it, into a screen that is drawn on the same terminal

_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]{1,64}( ?, ?[A-Za-z0-9-]{1,64}){0,63}")

_ALWAYS = {
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "retry-after",
    "x-content-type-options": "nosniff",
}
"""No answer may be kept by a cache. Any origin may call: what identifies a caller is a token, never a cookie."""


def json(content: bytes, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return an answer with a body."""
    return Response(content, status, _ALWAYS, "application/json")


def empty(status: HTTPStatus) -> Response:
    """Return an answer without a body."""
    return Response(status_code=status, headers=_ALWAYS)


def refused(refusal: RefusalError) -> Response:
    """Return the answer that says no."""
    return Response(refusal.body, refusal.status, {**_ALWAYS, **refusal.headers}, "application/json")


def preflight(request: Request, methods: Iterable[str]) -> Response:
    """Return the answer that lets a browser send the request that it asks about (CORS)."""
    asked = request.headers.get("access-control-request-headers", "")
    allowed = {
        "access-control-allow-methods": ", ".join(methods),
        "access-control-allow-headers": asked if _HEADER_NAMES.fullmatch(asked) else "content-type, authorization",
        "access-control-max-age": "600",
    }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={**_ALWAYS, **allowed})


@dataclass(frozen=True)
class ErrorBoundary:
    """An ASGI app that answers each request with what `answer` returns, or with why it could not."""

    answer: Callable[[Request], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self.answer(request)
        except ClientDisconnect:
            return  # nobody is left to answer
        except RefusalError as refusal:
            response = refused(refusal)
        except RolledBackError:
            response = refused(_storage_failed())
        except CommitUnknownError:
            response = refused(
                RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, "The disk failed: what was done is not known.")
            )
        except Exception as error:  # noqa: BLE001 - the outermost guard: no message of a fault, which can hold a secret
            crash = Crash.of(error)
            _log.error("%s at %s, reference %s", crash.kind, crash.place, crash.reference)
            text = f"A fault of the service, reference {crash.reference}."
            response = refused(RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, text))
        await response(scope, receive, send)


def _storage_failed() -> RefusalError:
    return RefusalError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database could not take the change: it is locked, read-only, damaged, or the disk is full. "
        "Nothing was changed.",
        code=ErrorCode.STORAGE_FAILED,
    )
