"""What the environment says about itself to anyone: settings, nonces, the public key."""

import msgspec

from mfa_tui.protocol import models
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import malformed

_COUNTS = [str(count) for count in range(1, 11)]
_NONCE_SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"

_SETTINGS = models.ProjectSettings(
    security=models.SecuritySettings(
        mfa=models.MfaSettings(
            enabled=True,
            enrollment="none",
            methods=(models.MfaMethod(type="totp", enabled=True, allow_backup_codes=True),),
        ),
        auth=models.AuthSettings(storage=("localstorage",)),
    ),
    general=models.GeneralSettings(display_name="mfa-tui"),
)


def settings(_visit: RequestContext, _request: None) -> models.ProjectSettings:
    """`GET /settings`: MFA is on, asked of who has a factor, with codes beside an authenticator app."""
    return _SETTINGS


def nonces(visit: RequestContext, _request: None) -> models.Nonces:
    """`GET /nonces`: random strings for the proofs that wallets and devices sign.

    No call of this service takes one back, so none is kept.
    """
    asked = visit.query.get("count", "1")
    if asked not in _COUNTS:
        raise malformed("The count is not a number from 1 to 10.")
    return models.Nonces(nonces=tuple(visit.service.entropy.symbols(_NONCE_SYMBOLS, 32) for _ in range(int(asked))))


def keys(visit: RequestContext, _request: None) -> models.Jwks:
    """`GET /.well-known/jwks`: the key with which to check tokens."""
    return msgspec.convert(visit.service.tokens.jwks(), models.Jwks)
