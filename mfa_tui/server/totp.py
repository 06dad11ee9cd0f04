"""Authenticator apps: TOTP devices (RFC 6238), and the endpoints about factors.

A code is valid for a 30 s step. One step of clock drift in either direction is accepted, and each step only once (RFC
6238 section 5.2). A user has at most one verified device; registering another replaces one that is not verified.
"""

import hmac
from base64 import b32encode
from secrets import token_bytes
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.service import CheckStepUp, StepUpCheck, StepUpCredential
from mfa_tui.protocol.user import VerifyResponse
from mfa_tui.redaction import Secret
from mfa_tui.server import notices, passkey_registry, sessions, step_up, throttling, users
from mfa_tui.server.context import RequestContext
from mfa_tui.server.keys import Keys
from mfa_tui.server.refusal import bad_request, device_not_found, unauthorized, wrong_code
from mfa_tui.server.store import Transaction
from mfa_tui.server.users import Factor, User

STEP_SECONDS = 30
SECRET_BYTES = 20
"""RFC 4226 section 4 requires 128 bits and recommends 160."""


class _Device(msgspec.Struct, frozen=True):
    """A row of the table `totp_devices`."""

    id: str
    created_at: int
    verified_at: int | None
    is_default: bool
    ciphertext: bytes
    last_step: int
    """The last step of which a code was accepted."""

    def as_mfa_device(self) -> models.MfaDevice:
        """Return the device as the API describes it."""
        return models.MfaDevice(
            id=self.id,
            type="totp",
            verified=self.verified_at is not None,
            created_at=codec.date(self.created_at),
            verified_at=None if self.verified_at is None else codec.date(self.verified_at),
            default=self.is_default,
        )


def devices(context: RequestContext, _request: None) -> models.MfaDevices:
    """`GET /users/mfa`: Return the user's devices."""
    found = tuple(device.as_mfa_device() for device in _devices(context))
    return models.MfaDevices(count=len(found), devices=found)


def device(context: RequestContext, _request: None) -> models.MfaDevice:
    """`GET /users/mfa/{deviceId}`: Return a device."""
    return _find(context, context.device_id).as_mfa_device()


def methods(context: RequestContext, _request: None) -> models.MfaMethods:
    """`GET /users/mfa/methods`: Return the user's passkeys and devices, only verified ones if `verifiedOnly=true`."""
    verified_only = context.query.get("verifiedOnly", "false")
    if verified_only not in {"true", "false"}:
        raise bad_request("verifiedOnly is neither true nor false.")
    found = tuple(device.as_mfa_device() for device in _devices(context))
    verified = tuple(device for device in found if device.verified)
    own_passkeys = passkey_registry.list_own(context, None).passkeys
    return models.MfaMethods(
        devices=verified if verified_only == "true" else found,
        passkeys=own_passkeys,
        user_has_verified_mfa_methods=bool(verified or own_passkeys),
    )


def register(context: RequestContext, _request: None) -> models.TotpRegistration:
    """`GET /users/mfa/register/totp`: Register a new device, which its first code verifies."""
    import pyotp  # noqa: PLC0415 - imported by users of TOTP only

    step_up.check_enrolment(context)
    if users.has_authenticator(context.db, context.user):
        raise unauthorized("You already have an authenticator app. Remove it first.")
    step_up.require_step_up(context, models.CREDENTIAL_LINK)
    context.db.execute("DELETE FROM totp_devices WHERE user_number = ? AND verified_at IS NULL", context.user.number)
    device_id, secret = store_device(context.db, context.service.keys, context.user)
    uri = pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=context.user.email, issuer_name="mfa-tui")
    return models.TotpRegistration(id=device_id, type="totp", secret=Secret(secret), uri=Secret(uri))


def store_device(db: Transaction, keys: Keys, user: User) -> tuple[str, str]:
    """Store a new device, which is not verified. Return its id and its secret."""
    device_id = str(uuid4())
    secret = b32encode(token_bytes(SECRET_BYTES)).decode()
    db.execute(
        "INSERT INTO totp_devices (id, user_number, sealed, created_at, is_default, last_step)"
        " VALUES (?, ?, ?, ?, 0, 0)",
        device_id,
        user.number,
        keys.encrypt(secret.encode(), associated_data=_associated_data(user, device_id)),
        db.now,
    )
    return device_id, secret


def confirm(context: RequestContext, request: models.ConfirmTotp) -> models.MfaDevice:
    """`POST /users/mfa/register/totp`: Verify the newly registered device with its first code."""
    step_up.check_enrolment(context)
    device = _first([device for device in _devices(context) if device.verified_at is None])
    _verify_code(context, device, request.code)
    sessions.complete_challenge(context)
    return _find(context, device.id).as_mfa_device()


def use(context: RequestContext, request: models.AuthenticateTotp) -> VerifyResponse:
    """`POST /users/mfa/auth/totp`: Complete the challenge with a device, or verify a newly registered one.

    A device that is not verified completes a challenge only if the user has no factor to complete it with.
    """
    may_enrol = not context.session.pending or not users.has_factor(context.db, context.user)
    usable = [
        device
        for device in _devices(context)
        if (device.verified_at is not None or may_enrol)
        and (not isinstance(request.id, str) or device.id == request.id)
    ]
    user = _verify_code(context, _first(usable), request.code)
    context = sessions.complete_challenge(context.with_session(replace(context.session, user=user)))
    return sessions.verify_response(context, step_up.issue_tokens(context, request))


def check_step_up(context: RequestContext, _request: CheckStepUp) -> StepUpCheck:
    """`POST /stepUp/check`: Return whether an action requires a factor now, and the user's factors, best first.

    The SDK asks only if it holds no token for the action, so it is required if the user has a method.
    """
    verified = [device for device in _devices(context) if device.verified_at is not None]
    credentials = [StepUpCredential(id=device.id, format="totp", type="totp") for device in verified]
    credentials += [
        StepUpCredential(id=passkey.id, format="passkey", type="passkey", alias=passkey.alias)
        for passkey in passkey_registry.list_own(context, None).passkeys
    ]
    is_required = bool(credentials) or context.service.api.requires_elevated_token
    email = StepUpCredential(id=context.user.credential_id, format="email", alias=context.user.email)
    credentials = credentials or [email]
    return StepUpCheck(is_required=is_required, credentials=tuple(credentials), default_credential_id=credentials[0].id)


def set_default(context: RequestContext, request: models.UpdateMfaDevice) -> None:
    """`PUT /users/mfa/{deviceId}`: Make a device the default one, or no longer the default one."""
    changed = context.db.execute(
        "UPDATE totp_devices SET is_default = ? WHERE user_number = ? AND id = ?",
        request.default,
        context.user.number,
        context.device_id,
    )
    if changed == 0:
        raise device_not_found()


def delete(context: RequestContext, _request: None) -> None:
    """`DELETE /users/mfa/{deviceId}`: Delete a device. Deleting a verified one requires step-up authentication."""
    device = _find(context, context.device_id)
    if device.verified_at is not None:
        step_up.require_step_up(context, models.CREDENTIAL_UNLINK)
    context.db.execute("DELETE FROM totp_devices WHERE user_number = ? AND id = ?", context.user.number, device.id)
    if device.verified_at is not None:
        notices.factor_removed(context, "an authenticator app")


def _devices(context: RequestContext) -> list[_Device]:
    """Return the user's devices: the default one first, then the verified ones."""
    return context.db.fetch_all(
        _Device,
        "SELECT id, created_at, verified_at, is_default, sealed AS ciphertext, last_step FROM totp_devices"
        " WHERE user_number = ? ORDER BY is_default DESC, verified_at IS NULL, created_at",
        context.user.number,
    )


def _find(context: RequestContext, device_id: str) -> _Device:
    return _first([device for device in _devices(context) if device.id == device_id])


def _first(found: list[_Device]) -> _Device:
    if not found:
        raise device_not_found()
    return found[0]


def _verify_code(context: RequestContext, device: _Device, code: Secret) -> User:
    """Check a device's code, use up its step, mark the device as verified, and return the user as changed by that.

    Raises:
        RefusalError: The code is wrong or has been used, or the user has to wait.
    """
    throttling.check(context, context.user.email, Factor.TOTP)
    associated_data = _associated_data(context.user, device.id)
    secret = context.service.keys.decrypt(device.ciphertext, associated_data=associated_data).decode()
    step = _step_of(secret, code, context.db.now // STEP_SECONDS)
    if step is None or not _use_up(context, device, step):
        throttling.record_failure(context, context.user.email, Factor.TOTP)
        raise wrong_code()
    if device.verified_at is None:
        context.db.execute(
            "UPDATE totp_devices SET verified_at = ?, is_default = 1 WHERE id = ?", context.db.now, device.id
        )
        notices.factor_added(context, "an authenticator app")
    throttling.record_success(context, context.user.email, Factor.TOTP)
    return users.record_verified_method(context.db, context.user)


def _step_of(secret: str, code: Secret, current: int) -> int | None:
    """Return the time step of a code, or None if the code is of none of the three accepted steps."""
    import pyotp  # noqa: PLC0415 - imported by users of TOTP only

    device = pyotp.TOTP(secret, interval=STEP_SECONDS)
    found = None
    for step in (current - 1, current, current + 1):  # no early exit, so that the time does not depend on the step
        if hmac.compare_digest(device.generate_otp(step).encode(), code.reveal().encode()):
            found = step
    return found


def _use_up(context: RequestContext, device: _Device, step: int) -> bool:
    """Accept a step once: of concurrent requests with the same code, this statement lets one through."""
    # A later step than that was used when the clock was ahead, and would lock the user out until then.
    last_possible = context.db.now // STEP_SECONDS + 1
    if step <= device.last_step <= last_possible:
        return False
    changed = context.db.execute(
        "UPDATE totp_devices SET last_step = ? WHERE id = ? AND last_step = ?", step, device.id, device.last_step
    )
    return changed == 1


def _associated_data(user: User, device_id: str) -> bytes:
    """Return the associated data of an encrypted secret, which ties it to its row."""
    return b"totp device" + user.id.encode() + device_id.encode()
