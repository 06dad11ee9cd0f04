"""What an answer that is not a success means: its code first, then its status."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from mfa_tui import text
from mfa_tui.dynamic import errors
from mfa_tui.dynamic.calls import Call
from mfa_tui.dynamic.errors import DynamicError, OutcomeUnknown, Refused
from mfa_tui.wire import ErrorCode

LONGEST_WAIT = 24 * 60 * 60
"""The longest wait taken from an answer, in seconds."""

_LONGEST_WORDS = 200

_BY_CODE: dict[str, type[Refused]] = {
    ErrorCode.MFA_INVALID_CODE: errors.InvalidCode,
    ErrorCode.MFA_DEVICE_NOT_FOUND: errors.NoSuchDevice,
    ErrorCode.MFA_RATE_LIMITED: errors.RateLimited,
    ErrorCode.WRONG_EMAIL_VERIFICATION_TOKEN: errors.WrongEmailCode,
    ErrorCode.TOO_MANY_EMAIL_VERIFICATION_ATTEMPTS: errors.EmailCodeBurnt,
    ErrorCode.REQUIRES_ADDITIONAL_AUTH: errors.ChallengePending,
    ErrorCode.STORAGE_FAILED: errors.StorageFailed,
}
_BY_WORDS: dict[tuple[int, str], type[Refused]] = {
    (403, "Elevated access token required"): errors.ElevationRequired,
}
_BY_STATUS: dict[int, type[Refused]] = {
    401: errors.NotSignedIn,
    404: errors.UnknownEnvironment,
    429: errors.RateLimited,
}

_GIVEN_UP = {408, 499}
"""What a gateway says that did not wait for the end: the service may have acted. Source: RFC 9110 for 408, nginx."""


def refusal_of(status: int, headers: Mapping[str, str], raw: bytes, call: Call[Any]) -> DynamicError:
    """Return the error that an answer other than 2xx stands for.

    A refusal is a 4xx, or names a known code. Anything else, such as a gateway's 502 or a time that ran out, says
    nothing about what the service did: its outcome is unknown.
    """
    code, words = _read_body(raw)
    kind = _BY_CODE.get(code) or _BY_WORDS.get((status, words)) or _BY_STATUS.get(status)
    if kind is None and 400 <= status < 500 and status not in _GIVEN_UP:
        kind = call.refused
    if kind is None:
        return OutcomeUnknown(call.at_stake, call.then)
    return kind(text.one_line(words, _LONGEST_WORDS), _retry_after(headers))


def _read_body(raw: bytes) -> tuple[str, str]:
    """Return an error body's code and words, each empty where it has none; some 403s nest them in `error`."""
    try:
        body = text.clean_tree(msgspec.json.decode(raw))
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
        return min(int(given[:9]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(given)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0, round((until - datetime.now(UTC)).total_seconds())), LONGEST_WAIT)
