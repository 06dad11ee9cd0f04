"""Maps a response other than 2xx to an error: by its code first, then by its status."""

from typing import Any, NoReturn

import httpx
import msgspec

from mfa_tui import sanitize
from mfa_tui.client import errors, headers
from mfa_tui.client.endpoints import Endpoint
from mfa_tui.client.errors import OutcomeUnknownError, RefusedError
from mfa_tui.protocol.error_codes import ErrorCode

_MAX_MESSAGE_LENGTH = 200

_BY_CODE: dict[str, type[RefusedError]] = {
    ErrorCode.MFA_DEVICE_NOT_FOUND: errors.DeviceNotFoundError,
    ErrorCode.MFA_RATE_LIMITED: errors.RateLimitedError,
    ErrorCode.WRONG_EMAIL_VERIFICATION_TOKEN: errors.WrongEmailCodeError,
    ErrorCode.TOO_MANY_EMAIL_VERIFICATION_ATTEMPTS: errors.EmailCodeExhaustedError,
    ErrorCode.REQUIRES_ADDITIONAL_AUTH: errors.ChallengePendingError,
    ErrorCode.RECOVERY_CODES_CHANGED: errors.RecoveryCodesChangedError,
    ErrorCode.STORAGE_FAILED: errors.ServiceStorageError,
    ErrorCode.STORAGE_FULL: errors.ServiceStorageError,
    ErrorCode.STORAGE_DAMAGED: errors.ServiceStorageError,
    ErrorCode.STORAGE_MISSING: errors.ServiceStorageError,
}
_BY_MESSAGE: dict[tuple[int, str], type[RefusedError]] = {
    (403, "Elevated access token required"): errors.StepUpRequiredError,
}
_BY_STATUS: dict[int, type[RefusedError]] = {
    401: errors.NotSignedInError,
    404: errors.UnknownEnvironmentError,
    429: errors.RateLimitedError,
    501: errors.NotOfferedError,  # of the 5xx, only this one says that the service did not act (RFC 9110, 15.6.2)
}

_GATEWAY_TIMEOUTS = {408, 499}
"""Statuses of a gateway that stopped waiting: the service may have acted. Source: RFC 9110 for 408, nginx for 499."""


def raise_for_response(
    response: httpx.Response, body: bytes, endpoint: Endpoint[Any], request_id: str, clock_skew: float | None
) -> NoReturn:
    """Raise the error that a response other than 2xx stands for.

    A 4xx or 501 is a refusal, and so is any response with a known code. Any other response, such as a gateway's 502 or
    a timeout, does not show whether the service acted: its outcome is unknown.

    Raises:
        RefusedError: The service refused, as one of the subclasses if the reason is known.
        OutcomeUnknownError: The service may have acted.
    """
    status = response.status_code
    code, message = _read_body(body)
    kind = endpoint.invalid_code if code == ErrorCode.MFA_INVALID_CODE else _BY_CODE.get(code)
    kind = kind or _BY_MESSAGE.get((status, message)) or _BY_STATUS.get(status)
    if kind is None and _is_refusal(status):
        kind = endpoint.refused
    if kind is None:
        raise OutcomeUnknownError(endpoint.operation, status=status, request_id=request_id)
    raise kind(
        service_message=sanitize.one_line(message, _MAX_MESSAGE_LENGTH),
        clock_skew=clock_skew,
        code=code,
        status=status,
        retry_after=headers.retry_after(response.headers),
        request_id=request_id,
    )


def _is_refusal(status: int) -> bool:
    """Return whether the status says that the service did not act."""
    return 400 <= status < 500 and status not in _GATEWAY_TIMEOUTS


def _read_body(raw: bytes) -> tuple[str, str]:
    """Return an error body's code and message, or empty strings; some 403s nest them in `error`."""
    try:
        body = sanitize.clean_tree(msgspec.json.decode(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    error = body.get("error")
    if isinstance(error, dict):
        return _string(error.get("code")), _string(error.get("message"))
    return _string(body.get("code")), _string(error)


def _string(value: Any) -> str:  # noqa: ANN401 - JSON, of any type
    return value if isinstance(value, str) else ""
