"""How often the service may be called: the hosted service's documented limits, or none.

They guard a machine, not a code: what slows guessing down is in `guessing`, and always applies.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from math import ceil

from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import Transaction

_MOST_CLIENTS = 10_000
"""How many addresses are remembered; beyond that the one that has been quiet longest is forgotten."""

_MAILS_TO_ONE_ADDRESS = 3
_MAIL_SECONDS = 600


class Limits(StrEnum):
    """Which limits apply."""

    DOCUMENTED = "documented"
    RELAXED = "relaxed"


@dataclass(frozen=True)
class Rate:
    """At most `most` calls in any `seconds` from one address."""

    most: int
    seconds: int


GENERAL = (Rate(60, 10), Rate(250, 60))
SIGN_IN = (Rate(10, 60),)
MAIL = (Rate(3, 60),)


@dataclass
class RateLimiter:
    """Counts the calls to this process, by address. Used on the event loop alone, so it needs no lock.

    Args:
        limits: Which limits apply.
    """

    limits: Limits
    _recent: OrderedDict[tuple[str, tuple[Rate, ...]], deque[float]] = field(default_factory=OrderedDict)

    def admit(self, address: str, rates: tuple[Rate, ...], now: float) -> None:
        """Count a call.

        Raises:
            RefusalError: It is one too many; it does not count.
        """
        if self.limits is Limits.RELAXED or not rates:
            return
        key = (address, rates)
        calls = self._recent.setdefault(key, deque(maxlen=max(rate.most for rate in rates)))
        self._recent.move_to_end(key)
        if len(self._recent) > _MOST_CLIENTS:
            self._recent.popitem(last=False)
        for rate in rates:
            if len(calls) >= rate.most and (wait := calls[-rate.most] + rate.seconds - now) > 0:
                raise too_often(min(ceil(wait), rate.seconds))
        calls.append(now)

    def admit_mail(self, db: Transaction, email: str) -> None:
        """Count a mail to one address, over all processes.

        Raises:
            RefusalError: It is one too many.
        """
        if self.limits is Limits.RELAXED:
            return
        sent = db.rows(
            "SELECT expires_at FROM mails_sent WHERE email = ? AND expires_at > ? ORDER BY expires_at", email, db.now
        )
        if len(sent) >= _MAILS_TO_ONE_ADDRESS:
            raise too_often(min(sent[-_MAILS_TO_ONE_ADDRESS][0] - db.now, _MAIL_SECONDS))
        db.change("INSERT INTO mails_sent (email, expires_at) VALUES (?, ?)", email, db.now + _MAIL_SECONDS)


def too_often(seconds: int) -> RefusalError:
    """Return the refusal of a call that comes too soon."""
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests: wait, then try again.", retry_after=seconds)
