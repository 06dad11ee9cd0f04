"""Sessions, and whether the MFA challenge of one is pending.

A session is a row in the database, and its token contains only the session's id. Each request reads the row, so
revoking a session or completing its challenge takes effect at once.
"""

from functools import partial
from uuid import uuid4

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mfa_tui.protocol import models
from mfa_tui.protocol.user import SdkUser, VerifiedCredential, VerifyResponse
from mfa_tui.server import notices, users
from mfa_tui.server.cleanup import delete_expired
from mfa_tui.server.context import AuthenticatedSession, RequestContext
from mfa_tui.server.refusal import unauthorized
from mfa_tui.server.step_up import IssuedTokens
from mfa_tui.server.store import Transaction
from mfa_tui.server.tokens import IdClaims, SessionClaims, TokenKind
from mfa_tui.server.users import Factor, User

SESSION_SECONDS = 30 * 24 * 3600
"""How long a session lasts after sign-in or refresh: the longest time that the vendor allows."""

MAX_SESSION_SECONDS = 90 * 24 * 3600
"""How long a session lasts at most, however often it is refreshed."""

RETIRING_SECONDS = 60
"""How long a token is valid after the refresh that replaces it: the response may be lost or late."""

_MAX_AUDIENCE_LENGTH = 256
"""How many characters of an `Origin` header become a token's audience."""

_COMPLETE_SCOPE = "user:basic"
"""Source: the vendor's docs. A token without it belongs to a user who has not completed the sign-in."""

_NO_TOKENS = IssuedTokens()


class _SessionRow(msgspec.Struct, frozen=True):
    user_number: int
    created_at: int
    expires_at: int
    pending: bool
    proved_at: int | None
    generation: int
    refreshed_at: int
    returned_set: bytes | None


def find(db: Transaction, claims: SessionClaims) -> AuthenticatedSession:
    """Return the session of a token.

    A token that was issued while the challenge was pending stays limited to the challenge after that is completed. A
    session that never proved a factor is challenged as soon as its user has one.

    Raises:
        RefusalError: The session was revoked or has expired, or it ends now, because the token is retired: the client
            has its successor, so somebody else may have this one (RFC 9700 section 4.14.2).
    """
    row = db.fetch_one(
        _SessionRow,
        "SELECT user_number, created_at, expires_at, pending, proved_at, generation, refreshed_at, returned_set"
        " FROM sessions WHERE id = ? AND expires_at > ?",
        claims.sid,
        db.now,
    )
    if row is None:
        raise unauthorized()
    is_retiring = claims.generation == row.generation - 1 and 0 <= db.now - row.refreshed_at < RETIRING_SECONDS
    if claims.generation != row.generation and not is_retiring:
        db.execute("DELETE FROM sessions WHERE id = ?", claims.sid)
        raise unauthorized(commits=True)
    user = users.get(db, row.user_number)
    return AuthenticatedSession(
        id=claims.sid,
        user=user,
        expires_at=row.expires_at,
        pending=row.pending
        or claims.scope == models.REQUIRES_ADDITIONAL_AUTH
        or (row.proved_at is None and users.has_factor(db, user)),
        created_at=row.created_at,
        proved_at=row.proved_at,
        generation=row.generation,
        is_retiring=is_retiring,
        returned_set=row.returned_set,
    )


def start(context: RequestContext, user: User, factor: Factor) -> RequestContext:
    """Sign in a user, and return the context of the session.

    After e-mail the challenge is pending if the user has another factor.
    """
    delete_expired(context.db, context.service.outbox)
    now = context.db.now
    proved_at = None if factor is Factor.EMAIL else now
    pending = proved_at is None and users.has_factor(context.db, user)
    session = AuthenticatedSession(str(uuid4()), user, now + SESSION_SECONDS, pending, now, proved_at)
    context.db.execute(
        "INSERT INTO sessions (id, user_number, created_at, expires_at, pending, proved_at) VALUES (?, ?, ?, ?, ?, ?)",
        session.id,
        user.number,
        now,
        session.expires_at,
        pending,
        proved_at,
    )
    context = context.with_session(session)
    if not pending:
        notices.signed_in(context)
    return context


def complete_challenge(context: RequestContext) -> RequestContext:
    """Record that the user has proved a factor, so that the session's challenge is no longer pending."""
    session, now = context.session, context.db.now
    context.db.execute("UPDATE sessions SET pending = 0, proved_at = ? WHERE id = ?", now, session.id)
    if session.pending:
        notices.signed_in(context)
    return context.with_session(replace(session, pending=False, proved_at=now))


def record_returned_set(db: Transaction, session: AuthenticatedSession, set_id: bytes) -> None:
    """Record which set of recovery codes a response shows to the session."""
    if session.returned_set != set_id:
        db.execute("UPDATE sessions SET returned_set = ? WHERE id = ?", set_id, session.id)


def read_user(context: RequestContext, _request: None) -> SdkUser:
    """`GET /users`: Return the user of the session."""
    return _as_sdk_user(context)


def refresh(context: RequestContext, _request: None) -> VerifyResponse:
    """`POST /refresh`: Extend the session, and retire the token. A pending challenge stays pending.

    A token that is retiring already gets the same successor again.
    """
    session, now = context.session, context.db.now
    if not session.is_retiring:
        expires_at = min(now + SESSION_SECONDS, session.created_at + MAX_SESSION_SECONDS)
        session = replace(session, expires_at=expires_at, generation=session.generation + 1)
        context.db.execute(
            "UPDATE sessions SET expires_at = ?, generation = ?, refreshed_at = ? WHERE id = ?",
            session.expires_at,
            session.generation,
            now,
            session.id,
        )
    return verify_response(context.with_session(session))


def revoke(context: RequestContext, _request: None) -> None:
    """`POST /revoke`: End the session, and with it all of its tokens."""
    context.db.execute("DELETE FROM sessions WHERE id = ?", context.session.id)


def verify_response(
    context: RequestContext,
    step_up: IssuedTokens = _NO_TOKENS,
    *,
    new_user: bool | UnsetType = UNSET,
    next_view: str | UnsetType = UNSET,
) -> VerifyResponse:
    """Return the response that contains a new token for the context's session."""
    session = context.session
    user = _as_sdk_user(context, new_user=new_user)
    claims = SessionClaims(
        sub=user.id,
        sid=session.id,
        scope=_scope(session),
        email=session.user.email,
        last_verified_credential_id=session.user.credential_id,
        aud=context.headers.get("origin", context.service.environment_id)[:_MAX_AUDIENCE_LENGTH],
        generation=session.generation,
    )
    id_claims = IdClaims(
        **msgspec.structs.asdict(claims), verified_credentials=user.verified_credentials, new_user=new_user
    )
    sign = partial(context.service.tokens.sign, now=context.db.now, expires_at=session.expires_at)
    return VerifyResponse(
        user=user,
        expires_at=session.expires_at,
        minified_jwt=sign(TokenKind.SESSION, claims),
        jwt=sign(TokenKind.ID, id_claims),
        mfa_token=step_up.mfa_token,
        elevated_access_token=step_up.elevated_access_token,
        next_view=next_view,
    )


def _as_sdk_user(context: RequestContext, *, new_user: bool | UnsetType = UNSET) -> SdkUser:
    session, user = context.session, context.user
    email = VerifiedCredential(id=user.credential_id, format="email", email=user.email)
    query = "SELECT id FROM passkeys WHERE user_number = ? ORDER BY created_at, id"
    own_passkeys = (
        VerifiedCredential(id=passkey_id, format="passkey")
        for passkey_id in context.db.fetch_column(str, query, user.number)
    )
    return SdkUser(
        **user.profile,
        id=user.id,
        project_environment_id=context.service.environment_id,
        verified_credentials=(email, *own_passkeys),
        session_id=session.id,
        email=user.email,
        scope=_scope(session),
        mfa_backup_code_acknowledgement=user.acknowledgement,
        new_user=new_user,
        last_verified_credential_id=user.credential_id,
    )


def _scope(session: AuthenticatedSession) -> str:
    return models.REQUIRES_ADDITIONAL_AUTH if session.pending else _COMPLETE_SCOPE
