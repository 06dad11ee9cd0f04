"""Sessions: who is signed in, and whether the MFA challenge is passed.

A session is a row in the database. The token only names it: what a session may do is read at each call, so that
revoking and passing a challenge work at once.
"""

from dataclasses import replace
from typing import Any

from msgspec import UNSET, UnsetType

from mfa_tui.protocol import models
from mfa_tui.server import factors
from mfa_tui.server.cleanup import cleanup
from mfa_tui.server.context import AuthenticatedSession, Factor, IssuedTokens, RequestContext, ServiceContext, User
from mfa_tui.server.refusal import unauthorized
from mfa_tui.server.store import Transaction
from mfa_tui.server.tokens import TokenKind

SESSION_SECONDS = 30 * 24 * 3600
"""The longest that the vendor lets an environment choose. Refreshing starts it anew."""

_LONGEST_ORIGIN = 256
"""Characters of an `Origin` header that are kept as a token's audience."""

_COMPLETE_SCOPE = "user:basic"
"""The vendor's docs: a token without it is of a user who has not finished signing in."""

_NO_STEP_UP = IssuedTokens()

_USER_COLUMNS = "users.number, users.id, users.email, users.credential_id, users.acknowledgement"


def find(db: Transaction, claims: dict[str, Any]) -> AuthenticatedSession:
    """Return the session that a token with these claims names.

    A token from before the challenge stays one for the challenge alone, even once that is passed.

    Raises:
        RefusalError: It was revoked, or is over.
    """
    row = db.first(
        f"SELECT sessions.expires_at, sessions.pending, sessions.factor, {_USER_COLUMNS}"  # noqa: S608 - constants
        " FROM sessions JOIN users ON users.number = sessions.user WHERE sessions.id = ? AND sessions.expires_at > ?",
        claims["sid"],
        db.now,
    )
    if row is None:
        raise unauthorized()
    expires_at, pending, factor, *columns = row
    pending = bool(pending) or claims["scope"] == models.REQUIRES_ADDITIONAL_AUTH
    return AuthenticatedSession(claims["sid"], User(*columns), expires_at, pending, Factor(factor))


def begin(db: Transaction, service: ServiceContext, email: str) -> tuple[AuthenticatedSession, bool]:
    """Sign in the user with that address, who is made if there is none; say whether that was so.

    The session's challenge is pending if the user has something to pass it with: a verified authenticator app, or
    recovery codes that are known to be saved.
    """
    cleanup(db, service.outbox)
    user, new = _user(db, service, email)
    pending = factors.has_any(db, user)
    session = AuthenticatedSession(service.entropy.uuid(), user, db.now + SESSION_SECONDS, pending, Factor.EMAIL)
    db.change(
        "INSERT INTO sessions (id, user, created_at, expires_at, pending, factor) VALUES (?, ?, ?, ?, ?, ?)",
        session.id,
        user.number,
        db.now,
        session.expires_at,
        pending,
        session.factor,
    )
    return session, new


def pass_challenge(db: Transaction, session: AuthenticatedSession, factor: Factor) -> AuthenticatedSession:
    """Note that the session was proved by a factor: no challenge is pending any more."""
    db.change("UPDATE sessions SET pending = 0, factor = ? WHERE id = ?", factor, session.id)
    return replace(session, pending=False, factor=factor)


def refresh(visit: RequestContext, _request: None) -> models.VerifyResponse:
    """`POST /refresh`: the session lasts anew. A pending challenge stays pending."""
    session = replace(visit.session, expires_at=visit.db.now + SESSION_SECONDS)
    visit.db.change("UPDATE sessions SET expires_at = ? WHERE id = ?", session.expires_at, session.id)
    return signed_in(visit, session)


def revoke(visit: RequestContext, _request: None) -> None:
    """`POST /revoke`: the session is over, for every token of it."""
    visit.db.change("DELETE FROM sessions WHERE id = ?", visit.session.id)


def signed_in(
    visit: RequestContext,
    session: AuthenticatedSession,
    step_up: IssuedTokens = _NO_STEP_UP,
    *,
    new_user: bool | None = None,
    next_view: str | UnsetType = UNSET,
) -> models.VerifyResponse:
    """Return the answer that gives a session its token."""
    claims = {
        "sub": session.user.id,
        "sid": session.id,
        "email": session.user.email,
        "last_verified_credential_id": session.user.credential_id,
        "scope": _scope(session),
        "aud": visit.headers.get("origin", visit.service.environment_id)[:_LONGEST_ORIGIN],
    }
    token = visit.service.tokens.sign(TokenKind.SESSION, claims, now=visit.db.now, expires_at=session.expires_at)
    return models.VerifyResponse(
        user=as_sdk_user(visit.service, session, new_user=new_user),
        expires_at=session.expires_at,
        minified_jwt=token,
        jwt=token,
        mfa_token=step_up.mfa_token,
        elevated_access_token=step_up.elevated_access_token,
        next_view=next_view,
    )


def as_sdk_user(
    service: ServiceContext, session: AuthenticatedSession, *, new_user: bool | None = None
) -> models.SdkUser:
    """Return a session's user as the wire has it."""
    user = session.user
    credential = models.VerifiedCredential(id=user.credential_id, format="email", email=user.email)
    return models.SdkUser(
        id=user.id,
        project_environment_id=service.environment_id,
        verified_credentials=(credential,),
        session_id=session.id,
        email=user.email,
        scope=_scope(session),
        mfa_backup_code_acknowledgement=user.acknowledgement,
        new_user=new_user,
        last_verified_credential_id=user.credential_id,
    )


def _scope(session: AuthenticatedSession) -> str:
    return models.REQUIRES_ADDITIONAL_AUTH if session.pending else _COMPLETE_SCOPE


def _user(db: Transaction, service: ServiceContext, email: str) -> tuple[User, bool]:
    row = db.first(f"SELECT {_USER_COLUMNS} FROM users WHERE email = ?", email)  # noqa: S608 - constants
    if row is not None:
        return User(*row), False
    user_id, credential_id = service.entropy.uuid(), service.entropy.uuid()
    row = db.first(
        "INSERT INTO users (id, email, credential_id, created_at) VALUES (?, ?, ?, ?)"
        " RETURNING number, id, email, credential_id, acknowledgement",
        user_id,
        email,
        credential_id,
        db.now,
    )
    if row is None:
        msg = "RETURNING gives a row for each one inserted"
        raise TypeError(msg)
    return User(*row), True
