"""The HTTP headers that carry facts: ids of requests, step-up tokens, waits and the service's time."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mfa_tui.protocol import models
from mfa_tui.redaction import Secret

MAX_RETRY_AFTER = 24 * 60 * 60
"""The longest wait that is taken from a response, in seconds."""


@dataclass(frozen=True)
class StepUpTokens:
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
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0, round((until - datetime.now(UTC)).total_seconds())), MAX_RETRY_AFTER)


def clock_skew(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the service's clock is ahead of this machine's, or None without a usable `Date`."""
    try:
        return (parsedate_to_datetime(headers.get("date", "")) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a time zone
        return None
