"""Step-up: tokens that let one action, or a few minutes of them, through after a factor was passed.

An MFA token or an elevated token is a signed name for a row: using one that is single-use removes the row,
revoking the session removes all of its rows.
"""

from dataclasses import replace
from http import HTTPStatus

from msgspec import UnsetType

from mfa_tui.protocol.models import ELEVATED_TOKEN_HEADER, MFA_TOKEN_HEADER, FactorRequest
from mfa_tui.redaction import Secret
from mfa_tui.server.context import IssuedTokens, RequestContext
from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.tokens import InvalidTokenError, TokenKind

SINGLE_USE_SECONDS = 300
TIME_BOUND_SECONDS = 600


def issue_tokens(visit: RequestContext, request: FactorRequest) -> IssuedTokens:
    """Return the tokens that a factor call asked for.

    The elevated token is as single-use as the MFA token; where no such was asked for, it is single-use.
    """
    asked = request.create_mfa_token
    single_use = True if isinstance(asked, UnsetType) else asked.single_use
    elevated = granted_scopes(visit, request.requested_scopes, single_use=single_use)
    if isinstance(asked, UnsetType):
        return elevated
    return replace(elevated, mfa_token=_token(visit, TokenKind.MFA, "", single_use=single_use))


def granted_scopes(
    visit: RequestContext, scopes: tuple[str, ...] | UnsetType, *, single_use: bool = True
) -> IssuedTokens:
    """Return an elevated token of these scopes, or nothing where none are asked for."""
    if isinstance(scopes, UnsetType) or not scopes:
        return IssuedTokens()
    token = _token(visit, TokenKind.ELEVATED, " ".join(scopes), single_use=single_use)
    return IssuedTokens(elevated_access_token=token)


def require_step_up(visit: RequestContext, scope: str) -> None:
    """Let a call through that holds an MFA token, or an elevated token of that scope.

    Raises:
        RefusalError: It holds neither.
    """
    tokens = ((TokenKind.MFA, MFA_TOKEN_HEADER), (TokenKind.ELEVATED, ELEVATED_TOKEN_HEADER))
    if not any(_is_good(visit, kind, visit.headers.get(header, ""), scope) for kind, header in tokens):
        raise RefusalError(HTTPStatus.FORBIDDEN, "Elevated access token required")


def require_step_up_if_enrolled(visit: RequestContext, scope: str) -> None:
    """Let a call through that holds no elevated token, or one of that scope.

    Raises:
        RefusalError: It holds one that is not good.
    """
    if visit.headers.get(ELEVATED_TOKEN_HEADER):
        require_step_up(visit, scope)


def _token(visit: RequestContext, kind: TokenKind, scope: str, *, single_use: bool) -> Secret:
    token_id = visit.service.entropy.uuid()
    expires_at = visit.db.now + (SINGLE_USE_SECONDS if single_use else TIME_BOUND_SECONDS)
    visit.db.change(
        "INSERT INTO step_up_tokens (id, session, expires_at) VALUES (?, ?, ?)",
        token_id,
        visit.session.id,
        expires_at,
    )
    claims = {"jti": token_id, "sub": visit.user.id, "sid": visit.session.id, "scope": scope, "singleUse": single_use}
    return visit.service.tokens.sign(kind, claims, now=visit.db.now, expires_at=expires_at)


def _is_good(visit: RequestContext, kind: TokenKind, token: str, scope: str) -> bool:
    try:
        claims = visit.service.tokens.read(kind, Secret(token), now=visit.db.now)
    except InvalidTokenError:
        return False
    if claims["sid"] != visit.session.id or (kind is TokenKind.ELEVATED and scope not in claims["scope"].split()):
        return False
    if claims["singleUse"]:
        return visit.db.change("DELETE FROM step_up_tokens WHERE id = ?", claims["jti"]) == 1
    return visit.db.first("SELECT 1 FROM step_up_tokens WHERE id = ?", claims["jti"]) is not None
