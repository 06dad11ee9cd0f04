"""Idempotent requests: a changing request that arrives again is answered with the response to the first one.

A gateway may deliver a request twice, and the client may repeat one whose response was lost. So the response is stored
under the request's id in the same transaction as the change, for the same session only. The database alone reveals
neither: the response is encrypted, and the request is a keyed digest.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import IDEMPOTENCY_SECONDS, REQUEST_ID_HEADER
from mfa_tui.server.cleanup import delete_expired_responses
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import RefusalError

MAX_RESPONSES = 200
"""How many responses are stored for one session; the oldest one makes room."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""Long enough to be unique; the SDK sends 50 letters and digits."""


class Reply(msgspec.Struct, frozen=True):
    """The status and body of a response; the body is empty if there is none."""

    status: HTTPStatus
    body: bytes


class _StoredResponse(msgspec.Struct, frozen=True):
    """A row of the table `stored_responses`."""

    request: bytes
    status: int
    ciphertext: bytes


def respond_once(context: RequestContext, method: str, path: str, body: bytes, respond: Callable[[], Reply]) -> Reply:
    """Return the stored response to the same request of the session, or else call `respond` and store its result.

    A request without a usable id is always handled.

    Raises:
        RefusalError: Another request had the id, or `respond` refuses.
    """
    request_id = context.headers.get(REQUEST_ID_HEADER, "")
    if not _REQUEST_ID.fullmatch(request_id):
        return respond()
    request = context.service.keys.digest("request", method.encode(), path.encode(), body)
    stored = context.db.fetch_one(
        _StoredResponse,
        "SELECT request, status, sealed AS ciphertext FROM stored_responses"
        " WHERE session = ? AND request_id = ? AND expires_at > ?",
        context.session.id,
        request_id,
        context.db.now,
    )
    associated_data = b"response" + context.session.id.encode() + request_id.encode() + request
    if stored is None:
        reply = respond()
        encrypted = context.service.keys.encrypt(reply.body, associated_data=associated_data)
        _store(context, request_id, _StoredResponse(request, reply.status, encrypted))
        return reply
    if stored.request != request:
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "Another request had this x-dyn-request-id.",
            code=ErrorCode.MFA_INVALID_REQUEST,
        )
    body = context.service.keys.decrypt(stored.ciphertext, associated_data=associated_data)
    return Reply(HTTPStatus(stored.status), body)


def _store(context: RequestContext, request_id: str, response: _StoredResponse) -> None:
    """Store a response. The oldest ones of the session make room."""
    db, session_id = context.db, context.session.id
    if not db.exists("SELECT 1 FROM sessions WHERE id = ?", session_id):
        return  # the request has ended the session
    delete_expired_responses(db)
    db.execute(
        "DELETE FROM stored_responses WHERE session = ? AND (request_id = ? OR number <="
        " (SELECT number FROM stored_responses WHERE session = ? ORDER BY number DESC LIMIT 1 OFFSET ?))",
        session_id,
        request_id,
        session_id,
        MAX_RESPONSES - 1,
    )
    db.execute(
        "INSERT INTO stored_responses (session, request_id, request, status, sealed, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        session_id,
        request_id,
        response.request,
        response.status,
        response.ciphertext,
        db.now + IDEMPOTENCY_SECONDS,
    )
