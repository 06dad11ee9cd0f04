"""What the environment says about itself to anyone: settings, nonces, the public key."""

import msgspec

from mfa_tui import wire
from mfa_tui.service.refusal import malformed
from mfa_tui.service.visit import Visit

_COUNTS = [str(count) for count in range(1, 11)]
_NONCE_SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"

_SETTINGS = wire.ProjectSettings(
    security=wire.SecuritySettings(
        mfa=wire.MfaSettings(
            enabled=True,
            enrollment="none",
            methods=(wire.MfaMethod(type="totp", enabled=True, allow_backup_codes=True),),
        ),
        auth=wire.AuthSettings(storage=("localstorage",)),
    ),
    general=wire.GeneralSettings(display_name="mfa-tui"),
)


def settings(_visit: Visit, _request: None) -> wire.ProjectSettings:
    """`GET /settings`: MFA is on, asked of who has a factor, with codes beside an authenticator app."""
    return _SETTINGS


def nonces(visit: Visit, _request: None) -> wire.Nonces:
    """`GET /nonces`: random strings for the proofs that wallets and devices sign.

    No call of this service takes one back, so none is kept.
    """
    asked = visit.query.get("count", "1")
    if asked not in _COUNTS:
        raise malformed("The count is not a number from 1 to 10.")
    return wire.Nonces(nonces=tuple(visit.premises.entropy.symbols(_NONCE_SYMBOLS, 32) for _ in range(int(asked))))


def keys(visit: Visit, _request: None) -> wire.Jwks:
    """`GET /.well-known/jwks`: the key with which to check tokens."""
    return msgspec.convert(visit.premises.tokens.jwks(), wire.Jwks)
