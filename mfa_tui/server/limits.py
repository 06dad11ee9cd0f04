"""Rate limits: those that the hosted service documents, or none.

They protect the machine. What protects a code from guessing is `throttling`, which always applies.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from math import ceil

from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import Transaction

_MAX_ADDRESSES = 10_000
"""How many client addresses are remembered. After that, the least recently used one is forgotten."""

_MAX_MAILS_PER_ADDRESS = 3
_MAIL_SECONDS = 600


class Limits(StrEnum):
    """Which limits apply."""

    DOCUMENTED = "documented"
    RELAXED = "relaxed"


@dataclass(frozen=True)
class Rate:
    """At most `max_requests` requests in any `seconds` from one address."""

    max_requests: int
    seconds: int


GENERAL = (Rate(60, 10), Rate(250, 60))
SIGN_IN = (Rate(10, 60),)
MAIL = (Rate(3, 60),)


@dataclass
class RateLimiter:
    """Counts the requests to this process, by client address. Only the event loop uses it, so it needs no lock.

    Args:
        limits: Which limits apply.
    """

    limits: Limits
    _recent: OrderedDict[tuple[str, tuple[Rate, ...]], deque[float]] = field(default_factory=OrderedDict)

    def record_request(self, address: str, rates: tuple[Rate, ...], now: float) -> None:
        """Count a request.

        Raises:
            RefusalError: It exceeds a limit. It is not counted.
        """
        if self.limits is Limits.RELAXED or not rates:
            return
        key = (address, rates)
        times = self._recent.setdefault(key, deque(maxlen=max(rate.max_requests for rate in rates)))
        self._recent.move_to_end(key)
        if len(self._recent) > _MAX_ADDRESSES:
            self._recent.popitem(last=False)
        for rate in rates:
            if len(times) >= rate.max_requests and (wait := times[-rate.max_requests] + rate.seconds - now) > 0:
                raise _too_many_requests(min(ceil(wait), rate.seconds))
        times.append(now)

    def record_mail(self, db: Transaction, email: str) -> None:
        """Count a mail to an address, across all processes.

        Raises:
            RefusalError: It exceeds the limit. It is not counted.
        """
        if self.limits is Limits.RELAXED:
            return
        query = "SELECT expires_at FROM mails_sent WHERE email = ? AND expires_at > ? ORDER BY expires_at"
        expiries = db.fetch_column(int, query, email, db.now)
        if len(expiries) >= _MAX_MAILS_PER_ADDRESS:
            raise _too_many_requests(min(expiries[-_MAX_MAILS_PER_ADDRESS] - db.now, _MAIL_SECONDS))
        db.execute("INSERT INTO mails_sent (email, expires_at) VALUES (?, ?)", email, db.now + _MAIL_SECONDS)


def _too_many_requests(seconds: int) -> RefusalError:
    headers = {"retry-after": str(seconds)}
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Wait, then try again.", headers=headers)
