"""The table of calls: where each one is, who may make it, what it takes and gives, what answers it.

Routing, the check of the session, the decoding of bodies and the OpenAPI document all come from this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from mfa_tui import wire
from mfa_tui.service import email_verification, environment, limits, recovery, sessions, totp, users
from mfa_tui.service.refusal import Refusal
from mfa_tui.service.visit import Visit

PREFIX = "/api/v0/sdk/{environmentId}"
"""Under which all calls stand."""

Answer = Callable[[Visit, Any], wire.Message | Refusal | None]


class Access(Enum):
    """Who may make a call."""

    ANYONE = "no session"
    CHALLENGED = "a session, though its MFA challenge may be pending"
    COMPLETE = "a session whose MFA challenge is not pending"


@dataclass(frozen=True)
class Call:
    """One call. `path` follows `/sdk/{environmentId}`; `takes` and `gives` are None where there is no body."""

    method: str
    path: str
    access: Access
    answer: Answer
    takes: type[wire.Request] | None = None
    gives: type[wire.Message] | None = None
    status: HTTPStatus = HTTPStatus.OK
    body_required: bool = True
    rates: tuple[limits.Rate, ...] = ()
    query: tuple[str, ...] = ()


_ANYONE, _CHALLENGED, _COMPLETE = Access

CALLS = (
    Call("GET", "/settings", _ANYONE, environment.settings, gives=wire.ProjectSettings, query=("sdkVersion",)),
    Call("GET", "/nonces", _ANYONE, environment.nonces, gives=wire.Nonces, query=("count",)),
    Call("GET", "/.well-known/jwks", _ANYONE, environment.keys, gives=wire.Jwks),
    Call(
        "POST",
        "/emailVerifications/create",
        _ANYONE,
        email_verification.create,
        takes=wire.CreateEmailVerification,
        gives=wire.EmailVerification,
        status=HTTPStatus.CREATED,
        rates=limits.MAIL,
    ),
    Call(
        "POST",
        "/emailVerifications/retry",
        _ANYONE,
        email_verification.retry,
        takes=wire.RetryEmailVerification,
        gives=wire.EmailVerification,
        status=HTTPStatus.CREATED,
        rates=limits.MAIL,
    ),
    Call(
        "POST",
        "/emailVerifications/signin",
        _ANYONE,
        email_verification.sign_in,
        takes=wire.SignInWithEmail,
        gives=wire.VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Call(
        "POST",
        "/emailVerifications/verify",
        _COMPLETE,
        email_verification.verify,
        takes=wire.SignInWithEmail,
        gives=wire.VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Call("GET", "/users", _CHALLENGED, users.read, gives=wire.SdkUser),
    Call("PUT", "/users", _COMPLETE, users.update, takes=wire.UpdateUser, gives=wire.VerifyResponse),
    Call("POST", "/refresh", _CHALLENGED, sessions.refresh, gives=wire.VerifyResponse),
    Call("POST", "/revoke", _CHALLENGED, sessions.revoke, status=HTTPStatus.NO_CONTENT),
    Call("GET", "/users/mfa/recovery", _COMPLETE, recovery.read, gives=wire.RecoveryCodes),
    Call("POST", "/users/mfa/recovery", _COMPLETE, recovery.rotate, gives=wire.RecoveryCodes),
    Call(
        "POST",
        "/users/mfa/auth/recovery",
        _CHALLENGED,
        recovery.use,
        takes=wire.AuthenticateRecoveryCode,
        gives=wire.VerifyResponse,
    ),
    Call(
        "POST",
        "/users/mfa/auth/totp",
        _CHALLENGED,
        totp.use,
        takes=wire.AuthenticateTotp,
        gives=wire.VerifyResponse,
    ),
    Call("GET", "/users/mfa/methods", _CHALLENGED, totp.methods, gives=wire.MfaMethods, query=("verifiedOnly",)),
    Call("GET", "/users/mfa/register/totp", _COMPLETE, totp.register, gives=wire.TotpRegistration),
    Call("POST", "/users/mfa/register/totp", _COMPLETE, totp.confirm, takes=wire.ConfirmTotp, gives=wire.MfaDevice),
    Call("GET", "/users/mfa", _CHALLENGED, totp.devices, gives=wire.MfaDevices),
    Call("PUT", "/users/mfa/{deviceId}", _COMPLETE, totp.make_default, takes=wire.UpdateMfaDevice, body_required=False),
    Call("DELETE", "/users/mfa/{deviceId}", _COMPLETE, totp.delete),
)
"""A path with a parameter stands after those that it would cover."""
