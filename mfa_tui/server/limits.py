"""Rate limits: those that the hosted service documents, or none.

They protect the machine. What protects a code from guessing is `throttling`, which always applies.
"""

import time
from collections import OrderedDict, deque
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

import msgspec

from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import Clock, Transaction

_MAX_CLIENTS = 2_000
"""How many clients are remembered, for which 16 MB are enough. After that, the one seen longest ago is forgotten."""

_MAX_MAILS_PER_CLIENT = 3
"""To one address. The vendor has this limit for all clients together, so anybody could keep a user from signing in."""
_MAX_MAILS_PER_ADDRESS = 9
"""To one address, from all clients that are not known. Those from which the user has signed in have their own."""
MAIL_SECONDS = 600


class Limits(StrEnum):
    """Which limits apply."""

    DOCUMENTED = "documented"
    RELAXED = "relaxed"


class Rate(msgspec.Struct, frozen=True):
    """At most `max_requests` requests in any `seconds` from one client."""

    max_requests: int
    seconds: int


GENERAL = (Rate(60, 10), Rate(250, 60))
SIGN_IN = (Rate(10, 60),)
MAIL = (Rate(3, 60),)


class RateLimiter(msgspec.Struct):
    """Counts the requests to this process, by client. Only the event loop uses it, so it needs no lock.

    Args:
        limits: Which limits apply.
        clock: Returns a time in seconds that is never set back.
    """

    limits: Limits
    clock: Clock = time.monotonic
    _recent: OrderedDict[tuple[str, tuple[Rate, ...]], deque[float]] = msgspec.field(default_factory=OrderedDict)

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

    def record_mail(self, db: Transaction, email: str, client: str, *, is_known: bool) -> None:
        """Count a mail to an address, across all processes.

        Args:
            db: The transaction.
            email: The address.
            client: The client that asks for the mail.
            is_known: Whether the user has signed in from it before.

        Raises:
            RefusalError: It exceeds the limit. It is not counted.
        """
        if self.limits is Limits.RELAXED:
            return
        query = "SELECT client, expires_at FROM mails_sent WHERE email = ? AND expires_at > ? ORDER BY expires_at"
        mails = db.fetch_all(_Mail, query, email, db.now)
        own = [mail for mail in mails if mail.client == client]
        for counted, most in ((own, _MAX_MAILS_PER_CLIENT), ([] if is_known else mails, _MAX_MAILS_PER_ADDRESS)):
            if len(counted) >= most:
                raise _too_many_requests(min(counted[-most].expires_at - db.now, MAIL_SECONDS))
        statement = "INSERT INTO mails_sent (email, client, expires_at) VALUES (?, ?, ?)"
        db.execute(statement, email, client, db.now + MAIL_SECONDS)


class _Mail(msgspec.Struct, frozen=True):
    """A row of the table `mails_sent`."""

    client: str
    expires_at: int


@lru_cache(_MAX_CLIENTS)
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
