"""Public endpoints about the environment: settings, nonces and the public key."""

import secrets

from mfa_tui.protocol import models
from mfa_tui.protocol.settings import (
    AuthSettings,
    GeneralSettings,
    MfaMethod,
    MfaSettings,
    ProjectSettings,
    SecuritySettings,
)
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import bad_request

_COUNTS = [str(count) for count in range(1, 11)]
_NONCE_BYTES = 16

_SETTINGS = ProjectSettings(
    security=SecuritySettings(
        mfa=MfaSettings(
            enabled=True,
            enrollment="none",
            methods=(MfaMethod(type="totp", enabled=True, allow_backup_codes=True),),
        ),
        auth=AuthSettings(storage=("localstorage",)),
    ),
    general=GeneralSettings(display_name="mfa-tui"),
)


def settings(_context: RequestContext, _request: None) -> ProjectSettings:
    """`GET /settings`: Return the settings: MFA is enabled, and recovery codes back up an authenticator app."""
    return _SETTINGS


def nonces(context: RequestContext, _request: None) -> models.Nonces:
    """`GET /nonces`: Return random strings for the proofs that wallets and devices sign.

    None is stored, because no operation of this service takes one.
    """
    count = context.query.get("count", "1")
    if count not in _COUNTS:
        raise bad_request("The count is not a number from 1 to 10.")
    return models.Nonces(nonces=tuple(secrets.token_hex(_NONCE_BYTES) for _ in range(int(count))))


def keys(context: RequestContext, _request: None) -> models.Jwks:
    """`GET /.well-known/jwks`: Return the public key that verifies the service's tokens."""
    return context.service.tokens.jwks
