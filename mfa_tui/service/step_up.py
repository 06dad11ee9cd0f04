"""Step-up: tokens that let one action, or a few minutes of them, through after a factor was passed.

An MFA token or an elevated token is a signed name for a row: using one that is single-use removes the row,
revoking the session removes all of its rows.
"""

from dataclasses import replace
from http import HTTPStatus

from msgspec import UnsetType

from mfa_tui.secrecy import Secret
from mfa_tui.service.refusal import Refusal
from mfa_tui.service.tokens import BadToken, TokenKind
from mfa_tui.service.visit import StepUp, Visit
from mfa_tui.wire import ELEVATED_TOKEN_HEADER, MFA_TOKEN_HEADER, FactorRequest

SINGLE_USE_SECONDS = 300
TIME_BOUND_SECONDS = 600


def granted(visit: Visit, request: FactorRequest) -> StepUp:
    """Return the tokens that a factor call asked for.

    The elevated token is as single-use as the MFA token; where no such was asked for, it is single-use.
    """
    asked = request.create_mfa_token
    single_use = True if isinstance(asked, UnsetType) else asked.single_use
    elevated = granted_scopes(visit, request.requested_scopes, single_use=single_use)
    if isinstance(asked, UnsetType):
        return elevated
    return replace(elevated, mfa_token=_token(visit, TokenKind.MFA, "", single_use=single_use))


def granted_scopes(visit: Visit, scopes: tuple[str, ...] | UnsetType, *, single_use: bool = True) -> StepUp:
    """Return an elevated token of these scopes, or nothing where none are asked for."""
    if isinstance(scopes, UnsetType) or not scopes:
        return StepUp()
    token = _token(visit, TokenKind.ELEVATED, " ".join(scopes), single_use=single_use)
    return StepUp(elevated_access_token=token)


def demand(visit: Visit, scope: str) -> None:
    """Let a call through that holds an MFA token, or an elevated token of that scope.

    Raises:
        Refusal: It holds neither.
    """
    tokens = ((TokenKind.MFA, MFA_TOKEN_HEADER), (TokenKind.ELEVATED, ELEVATED_TOKEN_HEADER))
    if not any(_is_good(visit, kind, visit.headers.get(header, ""), scope) for kind, header in tokens):
        raise Refusal(HTTPStatus.FORBIDDEN, "Elevated access token required")


def demand_if_held(visit: Visit, scope: str) -> None:
    """Let a call through that holds no elevated token, or one of that scope.

    Raises:
        Refusal: It holds one that is not good.
    """
    if visit.headers.get(ELEVATED_TOKEN_HEADER):
        demand(visit, scope)


def _token(visit: Visit, kind: TokenKind, scope: str, *, single_use: bool) -> Secret:
    token_id = visit.premises.entropy.uuid()
    expires_at = visit.db.now + (SINGLE_USE_SECONDS if single_use else TIME_BOUND_SECONDS)
    visit.db.change(
        "INSERT INTO step_up_tokens (id, session, expires_at) VALUES (?, ?, ?)",
        token_id,
        visit.session.id,
        expires_at,
    )
    claims = {"jti": token_id, "sub": visit.user.id, "sid": visit.session.id, "scope": scope, "singleUse": single_use}
    return visit.premises.tokens.sign(kind, claims, now=visit.db.now, expires_at=expires_at)


def _is_good(visit: Visit, kind: TokenKind, token: str, scope: str) -> bool:
    try:
        claims = visit.premises.tokens.read(kind, Secret(token), now=visit.db.now)
    except BadToken:
        return False
    if claims["sid"] != visit.session.id or (kind is TokenKind.ELEVATED and scope not in claims["scope"].split()):
        return False
    if claims["singleUse"]:
        return visit.db.change("DELETE FROM step_up_tokens WHERE id = ?", claims["jti"]) == 1
    return visit.db.first("SELECT 1 FROM step_up_tokens WHERE id = ?", claims["jti"]) is not None
