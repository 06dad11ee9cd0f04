"""What an answer that is not a success means: its code first, then its status."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from mfa_tui import sanitize
from mfa_tui.client import errors
from mfa_tui.client.endpoints import Endpoint
from mfa_tui.client.errors import ApiError, OutcomeUnknownError, RefusedError
from mfa_tui.protocol.error_codes import ErrorCode

MAX_RETRY_AFTER = 24 * 60 * 60
"""The longest wait taken from an answer, in seconds."""

_MAX_MESSAGE_LENGTH = 200

_BY_CODE: dict[str, type[RefusedError]] = {
    ErrorCode.MFA_INVALID_CODE: errors.InvalidCodeError,
    ErrorCode.MFA_DEVICE_NOT_FOUND: errors.DeviceNotFoundError,
    ErrorCode.MFA_RATE_LIMITED: errors.RateLimitedError,
    ErrorCode.WRONG_EMAIL_VERIFICATION_TOKEN: errors.WrongEmailCodeError,
    ErrorCode.TOO_MANY_EMAIL_VERIFICATION_ATTEMPTS: errors.EmailCodeExhaustedError,
    ErrorCode.REQUIRES_ADDITIONAL_AUTH: errors.ChallengePendingError,
    ErrorCode.STORAGE_FAILED: errors.ServiceStorageError,
}
_BY_WORDS: dict[tuple[int, str], type[RefusedError]] = {
    (403, "Elevated access token required"): errors.StepUpRequiredError,
}
_BY_STATUS: dict[int, type[RefusedError]] = {
    401: errors.NotSignedInError,
    404: errors.UnknownEnvironmentError,
    429: errors.RateLimitedError,
}

_GATEWAY_TIMEOUTS = {408, 499}
"""What a gateway says that did not wait for the end: the service may have acted. Source: RFC 9110 for 408, nginx."""


def refusal_of(status: int, headers: Mapping[str, str], raw: bytes, call: Endpoint[Any]) -> ApiError:
    """Return the error that an answer other than 2xx stands for.

    A refusal is a 4xx, or names a known code. Anything else, such as a gateway's 502 or a time that ran out, says
    nothing about what the service did: its outcome is unknown.
    """
    code, words = _read_body(raw)
    kind = _BY_CODE.get(code) or _BY_WORDS.get((status, words)) or _BY_STATUS.get(status)
    if kind is None and 400 <= status < 500 and status not in _GATEWAY_TIMEOUTS:
        kind = call.refused
    if kind is None:
        return OutcomeUnknownError(call.at_stake, call.then)
    return kind(sanitize.one_line(words, _MAX_MESSAGE_LENGTH), _retry_after(headers))


def _read_body(raw: bytes) -> tuple[str, str]:
    """Return an error body's code and words, each empty where it has none; some 403s nest them in `error`."""
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


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Return `Retry-After` in seconds, which RFC 9110 gives as seconds or as a date."""
    given = headers.get("retry-after", "")
    if given.isascii() and given.isdigit():
        return min(int(given[:9]), MAX_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(given)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0, round((until - datetime.now(UTC)).total_seconds())), MAX_RETRY_AFTER)
