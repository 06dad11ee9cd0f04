"""Slows down guessing: counts wrong codes in the database, for each user, factor and client, in every mode.

Five wrong attempts are free. Each further one is followed by a wait of 30 s that doubles each time, up to an hour. The
attempts of all clients together are followed by half of that. So one who guesses and never stops waits longer than
everyone else, and the user's right code passes in between. A client from which the user proved a factor before waits
only for itself: NIST SP 800-63B-4 section 3.2.2 suggests such a list against locking users out.

The same section allows 100 consecutive failed attempts. Nothing is disabled after them here: everyone who can read a
user's mail could disable the codes of a user who has lost the phone. Two attempts an hour find one of ten codes of 50
bits in ten years with a probability of 2 in a billion, and a TOTP code in a day with one of 1 in 7,000, which is less
than the 3 in 10,000 of 100 attempts; a mail tells the user when the waits start.
"""

from http import HTTPStatus

import msgspec

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.server import notices
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.users import Factor

FREE_ATTEMPTS = 5
MIN_WAIT = 30
MAX_WAIT = 3600
"""In seconds, like `MIN_WAIT`."""

REMEMBERED_SECONDS = 90 * 24 * 3600
"""How long a count, and a client from which a factor was proved, is remembered."""

_ALL_CLIENTS = ""


class _Attempts(msgspec.Struct, frozen=True):
    wrong: int = 0
    retry_at: int = 0


def check(context: RequestContext, email: str, factor: Factor) -> None:
    """Check that an attempt is allowed now. One that is not allowed is not counted.

    Raises:
        RefusalError: The client, or the user, has to wait.
    """
    counted = [_attempts(context, email, factor, client) for client in _clients(context, email, factor)]
    wait = max(attempts.retry_at for attempts in counted) - context.db.now
    if wait > 0:
        headers = {"retry-after": str(min(wait, MAX_WAIT))}
        code = None if factor is Factor.EMAIL else ErrorCode.MFA_RATE_LIMITED
        text = "Too many wrong codes. Wait, then try again."
        raise RefusalError(HTTPStatus.TOO_MANY_REQUESTS, text, code=code, headers=headers)


def record_failure(context: RequestContext, email: str, factor: Factor) -> None:
    """Count a wrong attempt, start the wait that follows it, and send a notice when the waits start."""
    now = context.db.now
    totals = []
    for client in _clients(context, email, factor):
        wrong = _attempts(context, email, factor, client).wrong + 1
        wait = wait_after(wrong) if client else wait_after(wrong) // 2
        context.db.execute(
            "INSERT INTO attempts (email, factor, client, wrong, retry_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (email, factor, client) DO UPDATE"
            " SET wrong = excluded.wrong, retry_at = excluded.retry_at, expires_at = excluded.expires_at",
            email,
            factor,
            client,
            wrong,
            now + wait,
            now + REMEMBERED_SECONDS,
        )
        totals.append(wrong)
    if max(totals) == FREE_ATTEMPTS:
        notices.waits_started(context, email)


def record_success(context: RequestContext, email: str, factor: Factor) -> None:
    """Forget the wrong attempts of all clients together and of this one, and remember that it proved the factor."""
    now = context.db.now
    reset(context, email, factor)
    context.db.execute(
        "INSERT INTO attempts (email, factor, client, wrong, retry_at, passed_at, expires_at)"
        " VALUES (?, ?, ?, 0, 0, ?, ?)"
        " ON CONFLICT (email, factor, client) DO UPDATE"
        " SET passed_at = excluded.passed_at, expires_at = excluded.expires_at",
        email,
        factor,
        context.client,
        now,
        now + REMEMBERED_SECONDS,
    )


def reset(context: RequestContext, email: str, factor: Factor) -> None:
    """Forget the wrong attempts of all clients together and of this one, but not that it proved the factor."""
    context.db.execute(
        "DELETE FROM attempts WHERE email = ? AND factor = ? AND client = ?", email, factor, _ALL_CLIENTS
    )
    context.db.execute(
        "UPDATE attempts SET wrong = 0, retry_at = 0 WHERE email = ? AND factor = ? AND client = ?",
        email,
        factor,
        context.client,
    )


def is_known(context: RequestContext, email: str, factor: Factor) -> bool:
    """Return whether the user proved a factor from this client before: any, or for MFA one other than e-mail."""
    return context.db.exists(
        "SELECT 1 FROM attempts WHERE email = ? AND client = ? AND passed_at IS NOT NULL"
        " AND (factor <> 'email' OR ? = 'email')",
        email,
        context.client,
        factor,
    )


def wait_after(wrong: int) -> int:
    """Return the wait after this number of consecutive wrong attempts, in seconds."""
    if wrong < FREE_ATTEMPTS:
        return 0
    # The exponent is bounded too, to avoid computing a huge number.
    return min(MIN_WAIT << min(wrong - FREE_ATTEMPTS, 16), MAX_WAIT)


def _clients(context: RequestContext, email: str, factor: Factor) -> tuple[str, ...]:
    """Return the clients whose attempts count for this one: itself, and unless it is known all together."""
    return (context.client,) if is_known(context, email, factor) else (context.client, _ALL_CLIENTS)


def _attempts(context: RequestContext, email: str, factor: Factor, client: str) -> _Attempts:
    query = "SELECT wrong, retry_at FROM attempts WHERE email = ? AND factor = ? AND client = ?"
    return context.db.fetch_one(_Attempts, query, email, factor, client) or _Attempts()
