"""The HTTP headers that carry facts: ids of requests, step-up tokens, waits and the service's time."""

import re
import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from mfa_tui.protocol import models
from mfa_tui.redaction import Secret

_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")

MAX_RETRY_AFTER = 24 * 60 * 60
"""The longest wait that is taken from a response, in seconds."""


class StepUpTokens(msgspec.Struct, frozen=True):
    """The tokens that a fresh factor gives, for one action or for some minutes. They are never written to disk."""

    mfa_token: Secret | None = None
    elevated_access_token: Secret | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers that carry the tokens."""
        held = {
            models.MFA_TOKEN_HEADER: self.mfa_token,
            models.ELEVATED_TOKEN_HEADER: self.elevated_access_token,
        }
        return {name: token.reveal() for name, token in held.items() if token is not None}


NO_STEP_UP_TOKENS = StepUpTokens()


def new_request_id() -> str:
    """Return 50 random letters and digits, as the vendor's SDK sends."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(50))


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Return `Retry-After` in seconds, or None if it is missing; RFC 9110 allows a number of seconds or a date."""
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_RETRY_AFTER)
    until = _read_date(value)
    if until is None:
        return None
    return min(max(0, round((until - datetime.now(UTC)).total_seconds())), MAX_RETRY_AFTER)


def clock_skew(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the service's clock is ahead of this machine's, or None without a usable `Date`."""
    date = _read_date(headers.get("date", ""))
    return None if date is None else (date - datetime.now(UTC)).total_seconds()


def _read_date(value: str) -> datetime | None:
    """Return the date of a header, or None if it is not in the format that RFC 9110 section 5.6.7 requires."""
    try:
        return parsedate_to_datetime(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None
