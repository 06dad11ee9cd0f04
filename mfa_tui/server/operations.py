"""The table of API operations: path, access, body types and handler of each.

Routing, the session check, the decoding of bodies and the OpenAPI document are derived from this table.
"""

from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Any

import msgspec

from mfa_tui.protocol import models
from mfa_tui.protocol.handoffs import CreateHandoff, EndHandoff, Handoff, HandoffProgress
from mfa_tui.protocol.passkeys import (
    AuthenticatePasskey,
    CreationOptions,
    DeletePasskey,
    RegisterPasskey,
    RenamePasskey,
    RequestOptions,
    UserPasskeys,
)
from mfa_tui.protocol.service import (
    CheckStepUp,
    DeviceRegistrations,
    FieldCheck,
    Jwks,
    Nonce,
    Nonces,
    SdkSettings,
    StepUpCheck,
)
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.protocol.user import SdkUser, UpdateUser, VerifyResponse
from mfa_tui.server import (
    email_verification,
    environment,
    limits,
    passkey_registry,
    passkeys,
    profile,
    recovery,
    sessions,
    totp,
)
from mfa_tui.server.context import RequestContext
from mfa_tui.server.handoff import handoffs

PREFIX = "/api/v0/sdk/{environmentId}"
"""The start of each operation's path."""

Handler = Callable[[RequestContext, Any], models.Message | None]
"""Handles a request: takes its context and its decoded body, and returns the response's body."""


class Access(Enum):
    """The session that an operation requires."""

    PUBLIC = "none"
    SESSION = "a session; its MFA challenge may be pending"
    COMPLETE_SESSION = "a session whose MFA challenge is not pending"


class Operation(msgspec.Struct, frozen=True):
    """An API operation. A type is None if there is no body."""

    method: str
    path: str
    access: Access
    handler: Handler
    request_type: type[models.Request] | None = None
    response_type: type[models.Message] | None = None
    status: HTTPStatus = HTTPStatus.OK
    body_required: bool = True
    rates: tuple[limits.Rate, ...] = ()
    query: tuple[str, ...] = ()
    refusals: tuple[HTTPStatus, ...] = ()
    """The statuses of refusals that the other fields do not imply."""


_PUBLIC, _SESSION, _COMPLETE = Access
_PASSKEY_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_IMPLEMENTED)

OPERATIONS = (
    Operation("GET", "/settings", _PUBLIC, environment.settings, response_type=ProjectSettings, query=("sdkVersion",)),
    Operation("GET", "/nonces", _PUBLIC, environment.nonces, response_type=Nonces, query=("count",)),
    Operation("GET", "/nonce", _PUBLIC, environment.nonce, response_type=Nonce),
    Operation("GET", "/.well-known/jwks", _PUBLIC, environment.keys, response_type=Jwks),
    Operation("GET", "/.well-known/jwks.json", _PUBLIC, environment.keys_json, response_type=Jwks),
    Operation(
        "POST",
        "/sdkSettings",
        _PUBLIC,
        environment.record_sdk_settings,
        request_type=SdkSettings,
        status=HTTPStatus.NO_CONTENT,
    ),
    Operation(
        "POST",
        "/emailVerifications/create",
        _PUBLIC,
        email_verification.create,
        request_type=models.CreateEmailVerification,
        response_type=models.EmailVerification,
        status=HTTPStatus.CREATED,
        rates=limits.MAIL,
    ),
    Operation(
        "POST",
        "/emailVerifications/retry",
        _PUBLIC,
        email_verification.retry,
        request_type=models.RetryEmailVerification,
        response_type=models.EmailVerification,
        status=HTTPStatus.CREATED,
        rates=limits.MAIL,
    ),
    Operation(
        "POST",
        "/emailVerifications/signin",
        _PUBLIC,
        email_verification.sign_in,
        request_type=models.SignInWithEmail,
        response_type=VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Operation(
        "POST",
        "/emailVerifications/verify",
        _COMPLETE,
        email_verification.verify,
        request_type=models.SignInWithEmail,
        response_type=VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Operation("GET", "/users", _SESSION, sessions.read_user, response_type=SdkUser),
    Operation("PUT", "/users", _COMPLETE, profile.update, request_type=UpdateUser, response_type=VerifyResponse),
    Operation("DELETE", "/users", _COMPLETE, profile.delete, status=HTTPStatus.NO_CONTENT),
    Operation(
        "GET",
        "/users/check",
        _COMPLETE,
        profile.check,
        response_type=FieldCheck,
        query=("filter[field]", "filter[value]"),
    ),
    Operation(
        "POST",
        "/stepUp/check",
        _SESSION,
        totp.check_step_up,
        request_type=CheckStepUp,
        response_type=StepUpCheck,
    ),
    Operation(
        "GET",
        "/deviceRegistrations",
        _SESSION,
        environment.device_registrations,
        response_type=DeviceRegistrations,
    ),
    Operation("POST", "/refresh", _SESSION, sessions.refresh, response_type=VerifyResponse),
    Operation("POST", "/revoke", _SESSION, sessions.revoke, status=HTTPStatus.NO_CONTENT),
    Operation("GET", "/users/mfa/recovery", _COMPLETE, recovery.read, response_type=models.RecoveryCodes),
    Operation("POST", "/users/mfa/recovery", _COMPLETE, recovery.rotate, response_type=models.RecoveryCodes),
    Operation(
        "POST",
        "/users/mfa/auth/recovery",
        _SESSION,
        recovery.use,
        request_type=models.AuthenticateRecoveryCode,
        response_type=VerifyResponse,
    ),
    Operation(
        "POST",
        "/users/mfa/auth/totp",
        _SESSION,
        totp.use,
        request_type=models.AuthenticateTotp,
        response_type=VerifyResponse,
    ),
    Operation(
        "GET", "/users/mfa/methods", _SESSION, totp.methods, response_type=models.MfaMethods, query=("verifiedOnly",)
    ),
    Operation("GET", "/users/mfa/register/totp", _SESSION, totp.register, response_type=models.TotpRegistration),
    Operation(
        "POST",
        "/users/mfa/register/totp",
        _SESSION,
        totp.confirm,
        request_type=models.ConfirmTotp,
        response_type=models.MfaDevice,
    ),
    Operation("GET", "/users/passkeys", _SESSION, passkey_registry.list_own, response_type=UserPasskeys),
    Operation(
        "PUT",
        "/users/passkeys",
        _COMPLETE,
        passkey_registry.rename,
        request_type=RenamePasskey,
        response_type=models.UserPasskey,
    ),
    Operation("DELETE", "/users/passkeys", _COMPLETE, passkey_registry.delete, request_type=DeletePasskey),
    Operation(
        "GET",
        "/users/passkeys/register",
        _SESSION,
        passkeys.creation_options,
        response_type=CreationOptions,
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "POST",
        "/users/passkeys/register",
        _SESSION,
        passkeys.register,
        request_type=RegisterPasskey,
        response_type=VerifyResponse,
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "GET",
        "/users/passkeys/authenticate",
        _SESSION,
        passkeys.request_options,
        response_type=RequestOptions,
        query=("relatedOriginRpId",),
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "POST",
        "/users/mfa/auth/passkey",
        _SESSION,
        passkeys.authenticate,
        request_type=AuthenticatePasskey,
        response_type=VerifyResponse,
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "GET",
        "/users/passkeys/signin",
        _PUBLIC,
        passkeys.sign_in_options,
        response_type=RequestOptions,
        query=("relatedOriginRpId",),
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "POST",
        "/users/passkeys/signin",
        _PUBLIC,
        passkeys.sign_in,
        request_type=AuthenticatePasskey,
        response_type=VerifyResponse,
        rates=limits.SIGN_IN,
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "POST",
        "/users/mfa/auth/email",
        _COMPLETE,
        email_verification.authenticate,
        request_type=models.AuthenticateEmail,
        response_type=VerifyResponse,
        rates=limits.SIGN_IN,
    ),
    Operation(
        "POST",
        "/users/passkeys/handoff",
        _SESSION,
        handoffs.create,
        request_type=CreateHandoff,
        response_type=Handoff,
        rates=limits.SIGN_IN,
        refusals=_PASSKEY_REFUSALS,
    ),
    Operation(
        "GET",
        "/users/passkeys/handoff",
        _SESSION,
        handoffs.read,
        response_type=HandoffProgress,
        query=("handoffId",),
    ),
    Operation("PUT", "/users/passkeys/handoff", _SESSION, handoffs.end, request_type=EndHandoff),
    Operation("GET", "/users/mfa", _SESSION, totp.devices, response_type=models.MfaDevices),
    Operation("GET", "/users/mfa/{deviceId}", _SESSION, totp.device, response_type=models.MfaDevice),
    Operation(
        "PUT",
        "/users/mfa/{deviceId}",
        _COMPLETE,
        totp.set_default,
        request_type=models.UpdateMfaDevice,
        body_required=False,
    ),
    Operation("DELETE", "/users/mfa/{deviceId}", _COMPLETE, totp.delete),
)
"""A path with a parameter comes after the paths that it would also match."""
