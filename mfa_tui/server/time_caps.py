"""Caps every time in the database that is still to come, at the longest that it can be.

If the machine's clock was ahead once, even by a year, the waits and limits that began then would last that long after
it is set right. So each of them is cut to its full length from now, before a transaction that may depend on it.
"""

from math import inf

from mfa_tui.protocol.handoffs import VALID_SECONDS as HANDOFF_SECONDS
from mfa_tui.protocol.models import IDEMPOTENCY_SECONDS
from mfa_tui.server import limits, mail, passkey_challenges, sessions, step_up, throttling
from mfa_tui.server.store import Clock, Store, Transaction

MAX_SECONDS = {
    ("attempts", "expires_at"): throttling.REMEMBERED_SECONDS,
    ("attempts", "retry_at"): throttling.MAX_WAIT,
    ("email_verifications", "expires_at"): mail.SIGN_IN_CODE_SECONDS,
    ("handoffs", "expires_at"): HANDOFF_SECONDS,
    ("mails_sent", "expires_at"): limits.MAIL_SECONDS,
    ("outbox", "claimed_until"): mail.CLAIM_SECONDS,
    ("outbox", "expires_at"): mail.NOTICE_SECONDS,
    ("passkey_challenges", "expires_at"): passkey_challenges.VALID_SECONDS,
    ("sessions", "expires_at"): sessions.SESSION_SECONDS,
    ("step_up_tokens", "expires_at"): step_up.TIME_BOUND_SECONDS,
    ("stored_responses", "expires_at"): IDEMPOTENCY_SECONDS,
}
"""For each table and column, how far ahead a time in it can be, in seconds. Each column has an index."""


class TimeCaps:
    """Cuts the times that are further ahead than they can be: at the first request, and when the clock went back.

    Args:
        store: The database.
        clock: Returns the time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._latest = inf

    def enforce(self) -> None:
        """Cut the times, if that may be necessary.

        In a transaction of its own: that of a request that is refused because of such a time is rolled back.

        Raises:
            RolledBackError: The database could not be used.
            CommitUnknownError: The times may be cut.
        """
        now = self._clock()
        if now < self._latest and self._store.read(_is_exceeded):
            self._store.write(_cut)
        self._latest = now


def _is_exceeded(db: Transaction) -> bool:
    return any(
        db.exists(f"SELECT 1 FROM {table} WHERE {column} > ?", db.now + seconds)  # noqa: S608 - the names are those above
        for (table, column), seconds in MAX_SECONDS.items()
    )


def _cut(db: Transaction) -> None:
    for (table, column), seconds in MAX_SECONDS.items():
        latest = db.now + seconds
        statement = f"UPDATE {table} SET {column} = ? WHERE {column} > ?"  # noqa: S608 - the names are those above
        db.execute(statement, latest, latest)
