"""Public endpoints about the environment: settings, nonces and the public key."""

import secrets

from mfa_tui.protocol import codec
from mfa_tui.protocol.service import DeviceRegistrations, Jwks, Nonce, Nonces, SdkSettings
from mfa_tui.protocol.settings import (
    AuthSettings,
    Duration,
    GeneralSettings,
    MfaAction,
    MfaMethod,
    MfaSettings,
    ProjectSettings,
    Provider,
    SecuritySettings,
)
from mfa_tui.server import passkeys, sessions, step_up
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import bad_request

_COUNTS = [str(count) for count in range(1, 11)]
_NONCE_BYTES = 16

_ACTIONS = {
    "wallet.waas.sign": step_up.SINGLE_USE_SECONDS,
    "wallet.waas.export": step_up.SINGLE_USE_SECONDS,
    "wallet.waas.reshare": step_up.SINGLE_USE_SECONDS,
    "wallet.waas.refresh": step_up.SINGLE_USE_SECONDS,
    "user.update": step_up.TIME_BOUND_SECONDS,
}
"""The actions that the vendor lists, and how long a token for one is valid."""


def settings(_context: RequestContext, _request: None) -> ProjectSettings:
    """`GET /settings`: Return the settings: MFA is enabled, and recovery codes back up its methods."""
    passkey = ("passkey",) if passkeys.are_available() else ()
    methods = ("totp", *passkey)
    providers = ("emailOnly", "dynamic", *passkey)
    return ProjectSettings(
        security=SecuritySettings(
            mfa=MfaSettings(
                enabled=True,
                enrollment="none",
                available_methods=methods,
                methods=tuple(MfaMethod(type=method, enabled=True, allow_backup_codes=True) for method in methods),
                actions=tuple(
                    MfaAction(
                        action=action,
                        token_behavior="single_use" if seconds == step_up.SINGLE_USE_SECONDS else "time_bound",
                        token_expiry_seconds=seconds,
                    )
                    for action, seconds in _ACTIONS.items()
                ),
            ),
            auth=AuthSettings(storage=("localstorage",)),
            jwt_duration=Duration(amount=sessions.SESSION_SECONDS // 86_400, unit="days"),
        ),
        general=GeneralSettings(display_name="mfa-tui"),
        providers=tuple(Provider(provider=provider, enabled_at=codec.date(0)) for provider in providers),
    )


def nonces(context: RequestContext, _request: None) -> Nonces:
    """`GET /nonces`: Return random strings for the proofs that wallets and devices sign.

    None is stored, because no operation of this service takes one.
    """
    count = context.query.get("count", "1")
    if count not in _COUNTS:
        raise bad_request("The count is not a number from 1 to 10.")
    return Nonces(nonces=tuple(secrets.token_hex(_NONCE_BYTES) for _ in range(int(count))))


def nonce(_context: RequestContext, _request: None) -> Nonce:
    """`GET /nonce`: Return a random string, for the same purpose."""
    return Nonce(nonce=secrets.token_hex(_NONCE_BYTES))


def record_sdk_settings(_context: RequestContext, _request: SdkSettings) -> None:
    """`POST /sdkSettings`: Do nothing: the vendor's service records how apps use the SDK."""


def device_registrations(_context: RequestContext, _request: None) -> DeviceRegistrations:
    """`GET /deviceRegistrations`: Return no device, because this environment registers none."""
    return DeviceRegistrations()


def keys_json(context: RequestContext, _request: None) -> Jwks:
    """`GET /.well-known/jwks.json`: Return the same as without `.json`."""
    return context.service.tokens.jwks


def keys(context: RequestContext, _request: None) -> Jwks:
    """`GET /.well-known/jwks`: Return the public key that verifies the service's tokens."""
    return context.service.tokens.jwks
