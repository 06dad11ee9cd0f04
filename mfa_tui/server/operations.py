"""The table of calls: where each one is, who may make it, what it takes and gives, what answers it.

Routing, the check of the session, the decoding of bodies and the OpenAPI document all come from this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from mfa_tui.protocol import models
from mfa_tui.server import email_verification, environment, limits, recovery, sessions, totp, users
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import RefusalError

PREFIX = "/api/v0/sdk/{environmentId}"
"""Under which all calls stand."""

Answer = Callable[[RequestContext, Any], models.Message | RefusalError | None]


class Access(Enum):
    """Who may make a call."""

    ANYONE = "no session"
    CHALLENGED = "a session, though its MFA challenge may be pending"
    COMPLETE = "a session whose MFA challenge is not pending"


@dataclass(frozen=True)
class Operation:
    """One call. `path` follows `/sdk/{environmentId}`; `takes` and `gives` are None where there is no body."""

    method: str
    path: str
    access: Access
    answer: Answer
    takes: type[models.Request] | None = None
    gives: type[models.Message] | None = None
    status: HTTPStatus = HTTPStatus.OK
    body_required: bool = True
    rates: tuple[limits.Rate, ...] = ()
    query: tuple[str, ...] = ()


_ANYONE, _CHALLENGED, _COMPLETE = Access

OPERATIONS = (
    Operation("GET", "/settings", _ANYONE, environment.settings, gives=models.ProjectSettings, query=("sdkVersion",)),
    Operation("GET", "/nonces", _ANYONE, environment.nonces, gives=models.Nonces, query=("count",)),
    Operation("GET", "/.well-known/jwks", _ANYONE, environment.keys, gives=models.Jwks),
    Operation(
        "POST",
        "/emailVerifications/create",
        _ANYONE,
        email_verification.create,
        takes=models.CreateEmailVerification,
        gives=models.EmailVerification,
        status=HTTPStatus.CREATED,
        rates=limits.MAIL,
    ),
    Operation(
        "POST",
        "/emailVerifications/retry",
        _ANYONE,
        email_verification.retry,
        takes=models.RetryEmailVerification,
        gives=models.EmailVerification,
        status=HTTPStatus.CREATED,
        rates=limits.MAIL,
    ),
    Operation(
        "POST",
        "/emailVerifications/signin",
        _ANYONE,
        email_verification.sign_in,
        takes=models.SignInWithEmail,
        gives=models.VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Operation(
        "POST",
        "/emailVerifications/verify",
        _COMPLETE,
        email_verification.verify,
        takes=models.SignInWithEmail,
        gives=models.VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Operation("GET", "/users", _CHALLENGED, users.read, gives=models.SdkUser),
    Operation("PUT", "/users", _COMPLETE, users.update, takes=models.UpdateUser, gives=models.VerifyResponse),
    Operation("POST", "/refresh", _CHALLENGED, sessions.refresh, gives=models.VerifyResponse),
    Operation("POST", "/revoke", _CHALLENGED, sessions.revoke, status=HTTPStatus.NO_CONTENT),
    Operation("GET", "/users/mfa/recovery", _COMPLETE, recovery.read, gives=models.RecoveryCodes),
    Operation("POST", "/users/mfa/recovery", _COMPLETE, recovery.rotate, gives=models.RecoveryCodes),
    Operation(
        "POST",
        "/users/mfa/auth/recovery",
        _CHALLENGED,
        recovery.use,
        takes=models.AuthenticateRecoveryCode,
        gives=models.VerifyResponse,
    ),
    Operation(
        "POST",
        "/users/mfa/auth/totp",
        _CHALLENGED,
        totp.use,
        takes=models.AuthenticateTotp,
        gives=models.VerifyResponse,
    ),
    Operation("GET", "/users/mfa/methods", _CHALLENGED, totp.methods, gives=models.MfaMethods, query=("verifiedOnly",)),
    Operation("GET", "/users/mfa/register/totp", _COMPLETE, totp.register, gives=models.TotpRegistration),
    Operation(
        "POST", "/users/mfa/register/totp", _COMPLETE, totp.confirm, takes=models.ConfirmTotp, gives=models.MfaDevice
    ),
    Operation("GET", "/users/mfa", _CHALLENGED, totp.devices, gives=models.MfaDevices),
    Operation(
        "PUT", "/users/mfa/{deviceId}", _COMPLETE, totp.make_default, takes=models.UpdateMfaDevice, body_required=False
    ),
    Operation("DELETE", "/users/mfa/{deviceId}", _COMPLETE, totp.delete),
)
"""A path with a parameter stands after those that it would cover."""
