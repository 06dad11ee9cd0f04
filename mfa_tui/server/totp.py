"""Authenticator apps: TOTP devices (RFC 6238), and the calls about factors.

Codes change every 30 s; one step of drift either way is accepted, and a step only once, ever (RFC 6238 section 5.2).
A user has at most one verified device; one that was never confirmed gives way to the next registration.
"""

import hmac
import time
from base64 import b32encode
from http import HTTPStatus

from mfa_tui.protocol import models
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.redaction import Secret
from mfa_tui.server import factors, sessions, step_up, throttling
from mfa_tui.server.context import Factor, RequestContext, User
from mfa_tui.server.refusal import RefusalError, malformed, unauthorized
from mfa_tui.server.store import Row

STEP_SECONDS = 30
SECRET_BYTES = 20
"""RFC 4226 section 4 asks for 128 bits and recommends 160."""

_COLUMNS = "id, created_at, verified_at, is_default, sealed, last_step"


def devices(visit: RequestContext, _request: None) -> models.MfaDevices:
    """`GET /users/mfa`: all of the user's devices."""
    found = tuple(_as_device(row) for row in _rows(visit))
    return models.MfaDevices(count=len(found), devices=found)


def methods(visit: RequestContext, _request: None) -> models.MfaMethods:
    """`GET /users/mfa/methods`: the user's devices; `verifiedOnly=true` leaves out those never confirmed."""
    asked = visit.query.get("verifiedOnly", "false")
    if asked not in {"true", "false"}:
        raise malformed("verifiedOnly is neither true nor false.")
    found = tuple(_as_device(row) for row in _rows(visit))
    verified = tuple(device for device in found if device.verified)
    return models.MfaMethods(
        devices=verified if asked == "true" else found,
        user_has_verified_mfa_methods=bool(verified),
    )


def register(visit: RequestContext, _request: None) -> models.TotpRegistration:
    """`GET /users/mfa/register/totp`: a new device, to be confirmed by its first code."""
    import pyotp  # noqa: PLC0415 - only who uses TOTP pays for it

    if factors.has_authenticator(visit.db, visit.user):
        raise unauthorized("There is an authenticator app already: remove it first.")
    step_up.require_step_up_if_enrolled(visit, models.CREDENTIAL_LINK)
    entropy, keys = visit.service.entropy, visit.service.keys
    device_id = entropy.uuid()
    secret = b32encode(entropy.octets(SECRET_BYTES)).decode()
    sealed = keys.encrypt(secret.encode(), place=_place(visit.user, device_id), nonce=keys.nonce(entropy))
    visit.db.change("DELETE FROM totp_devices WHERE user = ? AND verified_at IS NULL", visit.user.number)
    visit.db.change(
        "INSERT INTO totp_devices (id, user, sealed, created_at, is_default, last_step) VALUES (?, ?, ?, ?, 0, 0)",
        device_id,
        visit.user.number,
        sealed,
        visit.db.now,
    )
    uri = pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=visit.user.email, issuer_name="mfa-tui")
    return models.TotpRegistration(id=device_id, type="totp", secret=Secret(secret), uri=Secret(uri))


def confirm(visit: RequestContext, request: models.ConfirmTotp) -> models.MfaDevice | RefusalError:
    """`POST /users/mfa/register/totp`: confirm the newly registered device by its first code."""
    row = next((row for row in _rows(visit) if row[2] is None), None)
    refusal = _pass(visit, row, request.code)
    if refusal is not None or row is None:
        return refusal or _not_found()
    sessions.pass_challenge(visit.db, visit.session, Factor.TOTP)
    return next(_as_device(changed) for changed in _rows(visit) if changed[0] == row[0])


def use(visit: RequestContext, request: models.AuthenticateTotp) -> models.VerifyResponse | RefusalError:
    """`POST /users/mfa/auth/totp`: pass the challenge with a device, or confirm a newly registered one.

    A challenge is not passed by a device that nobody confirmed.
    """
    usable = [row for row in _rows(visit) if row[2] is not None or not visit.session.pending]
    if isinstance(request.id, str):
        usable = [row for row in usable if row[0] == request.id]
    refusal = _pass(visit, usable[0] if usable else None, request.code)
    if refusal is not None:
        return refusal
    session = sessions.pass_challenge(visit.db, visit.session, Factor.TOTP)
    return sessions.signed_in(visit, session, step_up.issue_tokens(visit, request))


def make_default(visit: RequestContext, request: models.UpdateMfaDevice) -> None:
    """`PUT /users/mfa/{deviceId}`: make a device the one that is asked for first."""
    changed = visit.db.change(
        "UPDATE totp_devices SET is_default = ? WHERE user = ? AND id = ?",
        request.default,
        visit.user.number,
        visit.device_id,
    )
    if changed == 0:
        raise _not_found()


def delete(visit: RequestContext, _request: None) -> None:
    """`DELETE /users/mfa/{deviceId}`: remove a device. One that is a factor takes a step-up."""
    row = next((row for row in _rows(visit) if row[0] == visit.device_id), None)
    if row is None:
        raise _not_found()
    if row[2] is not None:
        step_up.require_step_up(visit, models.CREDENTIAL_UNLINK)
    visit.db.change("DELETE FROM totp_devices WHERE user = ? AND id = ?", visit.user.number, visit.device_id)


def _rows(visit: RequestContext) -> list[Row]:
    """Return the user's devices, the default one first, then those that are verified."""
    return visit.db.rows(
        f"SELECT {_COLUMNS} FROM totp_devices WHERE user = ?"  # noqa: S608 - constants
        " ORDER BY is_default DESC, verified_at IS NULL, created_at",
        visit.user.number,
    )


def _pass(visit: RequestContext, row: Row | None, code: Secret) -> RefusalError | None:
    """Check a device's code, use up its step and confirm the device; or return why not."""
    if row is None:
        return _not_found()
    throttling.check(visit.db, visit.user.number, Factor.TOTP)
    device_id, _, verified_at, _, sealed, last_step = row
    secret = visit.service.keys.decrypt(sealed, place=_place(visit.user, device_id)).decode()
    step = _step_of(secret, code, visit.db.now // STEP_SECONDS)
    if step is None or not _use_up(visit, device_id, step, last_step):
        throttling.record_failure(visit.db, visit.user.number, Factor.TOTP)
        return RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The code is wrong or was used already.",
            code=ErrorCode.MFA_INVALID_CODE,
        )
    if verified_at is None:
        visit.db.change("UPDATE totp_devices SET verified_at = ?, is_default = 1 WHERE id = ?", visit.db.now, device_id)
    throttling.reset(visit.db, visit.user.number, Factor.TOTP)
    return None


def _step_of(secret: str, code: Secret, current: int) -> int | None:
    """Return the time step that a code belongs to, of the three that are accepted."""
    import pyotp  # noqa: PLC0415 - only who uses TOTP pays for it

    device = pyotp.TOTP(secret, interval=STEP_SECONDS)
    found = None
    for step in (current - 1, current, current + 1):  # all of them, so that the time does not tell which it was
        if hmac.compare_digest(device.generate_otp(step).encode(), code.reveal().encode()):
            found = step
    return found


def _use_up(visit: RequestContext, device_id: str, step: int, last_step: int) -> bool:
    """Accept a step once: this one statement decides between two tries at the same time."""
    changed = visit.db.change(
        "UPDATE totp_devices SET last_step = ?1 WHERE id = ?2 AND last_step = ?3 AND last_step < ?1",
        step,
        device_id,
        last_step,
    )
    return changed == 1


def _as_device(row: Row) -> models.MfaDevice:
    device_id, created_at, verified_at, is_default, *_ = row
    return models.MfaDevice(
        id=device_id,
        type="totp",
        verified=verified_at is not None,
        created_at=_date(created_at),
        verified_at=None if verified_at is None else _date(verified_at),
        default=bool(is_default),
    )


def _date(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def _place(user: User, device_id: str) -> bytes:
    """Return what a device's secret is sealed for: this user's row, and no other."""
    return b"totp device" + user.id.encode() + device_id.encode()


def _not_found() -> RefusalError:
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such device.", code=ErrorCode.MFA_DEVICE_NOT_FOUND
    )
