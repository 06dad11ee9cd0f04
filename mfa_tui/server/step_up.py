"""Step-up authentication: tokens that allow an action shortly after the user has proved a factor.

An MFA token or an elevated token is the signed id of a row. Using a single-use token deletes its row, and revoking a
session deletes all of its rows.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus
from uuid import uuid4

from msgspec import UNSET, UnsetType

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


@dataclass(frozen=True)
class IssuedTokens:
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


def require_step_up(context: RequestContext, scope: str) -> None:
    """Check that a request has an elevated token with this scope, or in the API's older version an MFA token.

    Raises:
        RefusalError: It has neither.
    """
    tokens = [(TokenKind.ELEVATED, ELEVATED_TOKEN_HEADER)]
    if not context.service.api.requires_elevated_token:
        tokens.append((TokenKind.MFA, MFA_TOKEN_HEADER))
    if not any(_is_valid(context, kind, context.headers.get(header, ""), scope) for kind, header in tokens):
        raise RefusalError(HTTPStatus.FORBIDDEN, "Elevated access token required")


def check_elevated_token(context: RequestContext, scope: str) -> None:
    """Check a request's elevated token, if it has one or needs one.

    Raises:
        RefusalError: The token is missing, or not valid for this scope.
    """
    if context.headers.get(ELEVATED_TOKEN_HEADER) or context.service.api.requires_elevated_token:
        require_step_up(context, scope)


def check_enrolment(context: RequestContext) -> None:
    """Check that the session may register an authenticator app or a passkey.

    A session whose challenge is pending may, if its user has none of them yet: at the vendor's service, that is how a
    user enrols in an environment that requires a second factor.

    Raises:
        RefusalError: The challenge is pending, and the user has a method to complete it with.
    """
    if context.session.pending and users.has_method(context.db, context.user):
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


def _is_valid(context: RequestContext, kind: TokenKind, token: str, scope: str) -> bool:
    try:
        claims = context.service.tokens.read(kind, StepUpClaims, Secret(token), now=context.db.now)
    except InvalidTokenError:
        return False
    if claims.sid != context.session.id or (kind is TokenKind.ELEVATED and scope not in claims.scope.split()):
        return False
    if claims.single_use:
        return context.db.execute("DELETE FROM step_up_tokens WHERE id = ?", claims.jti) == 1
    return context.db.exists("SELECT 1 FROM step_up_tokens WHERE id = ?", claims.jti)
