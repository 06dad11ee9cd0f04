"""Sessions, and whether the MFA challenge of one is pending.

A session is a row in the database, and its token contains only the session's id. Each request reads the row, so
revoking a session or completing its challenge takes effect at once.
"""

from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import msgspec
from msgspec import UNSET, UnsetType

from mfa_tui.protocol import models
from mfa_tui.server import users
from mfa_tui.server.cleanup import delete_expired
from mfa_tui.server.context import AuthenticatedSession, RequestContext, ServiceContext
from mfa_tui.server.refusal import unauthorized
from mfa_tui.server.step_up import IssuedTokens
from mfa_tui.server.store import Transaction
from mfa_tui.server.tokens import IdClaims, SessionClaims, TokenKind
from mfa_tui.server.users import Factor, User

SESSION_SECONDS = 30 * 24 * 3600
"""How long a session lasts after sign-in or refresh: the longest time that the vendor allows."""

_MAX_AUDIENCE_LENGTH = 256
"""How many characters of an `Origin` header become a token's audience."""

_COMPLETE_SCOPE = "user:basic"
"""Source: the vendor's docs. A token without it belongs to a user who has not completed the sign-in."""

_NO_TOKENS = IssuedTokens()


@dataclass(frozen=True)
class _SessionRow:
    user_number: int
    expires_at: int
    pending: bool
    factor: Factor
    returned_set: bytes | None


def find(db: Transaction, claims: SessionClaims) -> AuthenticatedSession:
    """Return the session of a token.

    A token that was issued while the challenge was pending stays limited to the challenge after that is completed.

    Raises:
        RefusalError: The session was revoked or has expired.
    """
    row = db.fetch_one(
        _SessionRow,
        "SELECT user_number, expires_at, pending, factor, returned_set FROM sessions WHERE id = ? AND expires_at > ?",
        claims.sid,
        db.now,
    )
    if row is None:
        raise unauthorized()
    pending = row.pending or claims.scope == models.REQUIRES_ADDITIONAL_AUTH
    user = users.get(db, row.user_number)
    return AuthenticatedSession(claims.sid, user, row.expires_at, pending, row.factor, row.returned_set)


def start(
    db: Transaction, service: ServiceContext, user: User, factor: Factor, *, pending: bool
) -> AuthenticatedSession:
    """Sign in a user with a factor. Return the session, whose challenge may be pending."""
    delete_expired(db, service.outbox)
    session = AuthenticatedSession(str(uuid4()), user, db.now + SESSION_SECONDS, pending, factor)
    db.execute(
        "INSERT INTO sessions (id, user_number, created_at, expires_at, pending, factor) VALUES (?, ?, ?, ?, ?, ?)",
        session.id,
        user.number,
        db.now,
        session.expires_at,
        pending,
        session.factor,
    )
    return session


def complete_challenge(db: Transaction, session: AuthenticatedSession, factor: Factor) -> AuthenticatedSession:
    """Record that the user has proved a factor, so that the session's challenge is no longer pending."""
    db.execute("UPDATE sessions SET pending = 0, factor = ? WHERE id = ?", factor, session.id)
    return replace(session, pending=False, factor=factor)


def record_returned_set(db: Transaction, session: AuthenticatedSession, set_id: bytes) -> None:
    """Record which set of recovery codes a response shows to the session."""
    if session.returned_set != set_id:
        db.execute("UPDATE sessions SET returned_set = ? WHERE id = ?", set_id, session.id)


def read_user(context: RequestContext, _request: None) -> models.SdkUser:
    """`GET /users`: Return the user of the session."""
    return _as_sdk_user(context)


def refresh(context: RequestContext, _request: None) -> models.VerifyResponse:
    """`POST /refresh`: Extend the session. A pending challenge stays pending."""
    session = replace(context.session, expires_at=context.db.now + SESSION_SECONDS)
    context.db.execute("UPDATE sessions SET expires_at = ? WHERE id = ?", session.expires_at, session.id)
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
) -> models.VerifyResponse:
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
    )
    id_claims = IdClaims(
        **msgspec.structs.asdict(claims), verified_credentials=user.verified_credentials, new_user=new_user
    )
    sign = partial(context.service.tokens.sign, now=context.db.now, expires_at=session.expires_at)
    return models.VerifyResponse(
        user=user,
        expires_at=session.expires_at,
        minified_jwt=sign(TokenKind.SESSION, claims),
        jwt=sign(TokenKind.ID, id_claims),
        mfa_token=step_up.mfa_token,
        elevated_access_token=step_up.elevated_access_token,
        next_view=next_view,
    )


def _as_sdk_user(context: RequestContext, *, new_user: bool | UnsetType = UNSET) -> models.SdkUser:
    session, user = context.session, context.user
    email = models.VerifiedCredential(id=user.credential_id, format="email", email=user.email)
    query = "SELECT id FROM passkeys WHERE user_number = ? ORDER BY created_at, id"
    own_passkeys = (
        models.VerifiedCredential(id=passkey_id, format="passkey")
        for passkey_id in context.db.fetch_column(str, query, user.number)
    )
    return models.SdkUser(
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
