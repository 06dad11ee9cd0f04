"""Rate limits: those that the hosted service documents, or none.

They protect the machine. What protects a code from guessing is `throttling`, which always applies.
"""

import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import Clock, Transaction

_MAX_CLIENTS = 2_000
"""How many clients are remembered, for which 16 MB are enough. After that, the one seen longest ago is forgotten."""

_MAX_MAILS_PER_ADDRESS = 3
MAIL_SECONDS = 600


class Limits(StrEnum):
    """Which limits apply."""

    DOCUMENTED = "documented"
    RELAXED = "relaxed"


@dataclass(frozen=True)
class Rate:
    """At most `max_requests` requests in any `seconds` from one client."""

    max_requests: int
    seconds: int


GENERAL = (Rate(60, 10), Rate(250, 60))
SIGN_IN = (Rate(10, 60),)
MAIL = (Rate(3, 60),)


@dataclass
class RateLimiter:
    """Counts the requests to this process, by client. Only the event loop uses it, so it needs no lock.

    Args:
        limits: Which limits apply.
        clock: Returns a time in seconds that is never set back.
    """

    limits: Limits
    clock: Clock = time.monotonic
    _recent: OrderedDict[tuple[str, tuple[Rate, ...]], deque[float]] = field(default_factory=OrderedDict)

    def record_request(self, client: str, rates: tuple[Rate, ...]) -> None:
        """Count a request.

        Raises:
            RefusalError: It exceeds a limit. It is not counted.
        """
        if self.limits is Limits.RELAXED or not rates:
            return
        now = self.clock()
        key = (client, rates)
        times = self._recent.setdefault(key, deque(maxlen=max(rate.max_requests for rate in rates)))
        self._recent.move_to_end(key)
        if len(self._recent) > _MAX_CLIENTS:
            self._recent.popitem(last=False)
        for rate in rates:
            if len(times) >= rate.max_requests and (wait := times[-rate.max_requests] + rate.seconds - now) > 0:
                raise _too_many_requests(ceil(wait))
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
            raise _too_many_requests(min(expiries[-_MAX_MAILS_PER_ADDRESS] - db.now, MAIL_SECONDS))
        db.execute("INSERT INTO mails_sent (email, expires_at) VALUES (?, ?)", email, db.now + MAIL_SECONDS)


def client_of(address: str) -> str:
    """Return the client to which an address belongs: an IPv4 address, or the /64 network of an IPv6 address.

    A site has at least a /64, and each of its machines chooses addresses in it (RFC 6177, RFC 8981). A value that is
    no address, which only a misconfigured proxy sends, counts as one client.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False))


def _too_many_requests(seconds: int) -> RefusalError:
    headers = {"retry-after": str(seconds)}
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Wait, then try again.", headers=headers)
