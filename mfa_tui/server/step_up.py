"""Step-up authentication: tokens that allow an action shortly after the user has proved a factor.

An MFA token or an elevated token is the signed id of a row. Using a single-use token deletes its row, and revoking a
session deletes all of its rows.
"""

from http import HTTPStatus
from uuid import uuid4

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mfa_tui.protocol.models import ELEVATED_TOKEN_HEADER, MFA_TOKEN_HEADER, FactorRequest
from mfa_tui.redaction import Secret
from mfa_tui.server import users
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import RefusalError, challenge_pending
from mfa_tui.server.tokens import InvalidTokenError, StepUpClaims, TokenKind

SINGLE_USE_SECONDS = 300
TIME_BOUND_SECONDS = 600

_WALLET_SCOPES = "wallet:"
"""How the scopes of single-use tokens start."""

FRESH_SECONDS = 600
"""How long a factor that was proved in a session counts for adding and removing factors in it, without a token."""


class IssuedTokens(msgspec.Struct, frozen=True):
    """The step-up tokens of one response."""

    mfa_token: Secret | UnsetType = UNSET
    elevated_access_token: Secret | None = None


def issue_tokens(context: RequestContext, request: FactorRequest) -> IssuedTokens:
    """Return the tokens that a request to authenticate with a factor asks for."""
    tokens = issue_elevated_token(context, request.requested_scopes)
    mfa_request = request.create_mfa_token
    if isinstance(mfa_request, UnsetType):
        return tokens
    return replace(tokens, mfa_token=_issue(context, TokenKind.MFA, "", single_use=mfa_request.single_use))


def issue_elevated_token(context: RequestContext, scopes: tuple[str, ...] | UnsetType) -> IssuedTokens:
    """Return an elevated token with these scopes, or no token if no scope is requested.

    It is single-use if one of the scopes is about a wallet, as the vendor's is, and time-bound otherwise.
    """
    if isinstance(scopes, UnsetType) or not scopes:
        return IssuedTokens()
    single_use = any(scope.startswith(_WALLET_SCOPES) for scope in scopes)
    token = _issue(context, TokenKind.ELEVATED, " ".join(scopes), single_use=single_use)
    return IssuedTokens(elevated_access_token=token)


def require_step_up(context: RequestContext, scope: str, *, uses_up: bool = True) -> None:
    """Check that the user has just proved a factor, or has none.

    The proof is an elevated token with this scope; in the API's older version also an MFA token, or a factor that was
    proved in the session itself.

    Args:
        context: The request.
        scope: The scope that the action needs.
        uses_up: Whether a single-use token is used up; not if only a later request of the action is protected.

    Raises:
        RefusalError: There is no proof, or the request has an elevated token that is not valid for this scope.
    """
    tokens = [(TokenKind.ELEVATED, ELEVATED_TOKEN_HEADER)]
    requires_token = context.service.api.requires_elevated_token
    if not requires_token:
        tokens.append((TokenKind.MFA, MFA_TOKEN_HEADER))
    if any(
        _is_valid(context, kind, context.headers.get(header, ""), scope, uses_up=uses_up) for kind, header in tokens
    ):
        return
    if requires_token or context.headers.get(ELEVATED_TOKEN_HEADER) or not _has_fresh_proof(context):
        raise RefusalError(HTTPStatus.FORBIDDEN, "Elevated access token required")


def _has_fresh_proof(context: RequestContext) -> bool:
    """Return whether a factor was proved in the session lately, or the user has none to prove."""
    proved_at = context.session.proved_at
    is_fresh = proved_at is not None and proved_at <= context.db.now < proved_at + FRESH_SECONDS
    return is_fresh or not users.has_factor(context.db, context.user)


def check_enrolment(context: RequestContext) -> None:
    """Check that the session may register an authenticator app or a passkey.

    A session whose challenge is pending may, if its user has nothing to complete it with: at the vendor's service, that
    is how a user enrols in an environment that requires a second factor. Confirmed codes are something: otherwise
    a mailbox would be enough to replace them.

    Raises:
        RefusalError: The challenge is pending, and the user has a factor to complete it with.
    """
    if context.session.pending and users.has_factor(context.db, context.user):
        raise challenge_pending()


def _issue(context: RequestContext, kind: TokenKind, scope: str, *, single_use: bool) -> Secret:
    token_id = str(uuid4())
    expires_at = context.db.now + (SINGLE_USE_SECONDS if single_use else TIME_BOUND_SECONDS)
    context.db.execute(
        "INSERT INTO step_up_tokens (id, session, expires_at) VALUES (?, ?, ?)",
        token_id,
        context.session.id,
        expires_at,
    )
    claims = StepUpClaims(sub=context.user.id, sid=context.session.id, scope=scope, jti=token_id, single_use=single_use)
    return context.service.tokens.sign(kind, claims, now=context.db.now, expires_at=expires_at)


def _is_valid(context: RequestContext, kind: TokenKind, token: str, scope: str, *, uses_up: bool) -> bool:
    try:
        claims = context.service.tokens.read(kind, StepUpClaims, Secret(token), now=context.db.now)
    except InvalidTokenError:
        return False
    if claims.sid != context.session.id or (kind is TokenKind.ELEVATED and scope not in claims.scope.split()):
        return False
    if claims.single_use and uses_up:
        return context.db.execute("DELETE FROM step_up_tokens WHERE id = ?", claims.jti) == 1
    return context.db.exists("SELECT 1 FROM step_up_tokens WHERE id = ?", claims.jti)
