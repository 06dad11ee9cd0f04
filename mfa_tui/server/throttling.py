"""Slows down guessing: counts wrong attempts in the database, for each user and factor.

Five wrong attempts are free. Each further one is followed by a wait of 30 s that doubles each time, up to an hour. NIST
SP 800-63B-4 section 3.2.2 allows at most 100 consecutive failed attempts: after 100 wrong recovery codes, the codes are
disabled until they are rotated. A TOTP code is valid for 90 s, so one attempt an hour is limit enough.
"""

from dataclasses import dataclass
from http import HTTPStatus

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import Transaction
from mfa_tui.server.users import Factor, User

FREE_ATTEMPTS = 5
MIN_WAIT = 30
MAX_WAIT = 3600
"""In seconds, like `MIN_WAIT`."""

MAX_CONSECUTIVE_FAILURES = 100


@dataclass(frozen=True)
class _Failures:
    wrong: int = 0
    retry_at: int = 0


def check(db: Transaction, user: User, factor: Factor) -> None:
    """Check that an attempt is allowed now. One that is not allowed is not counted.

    Raises:
        RefusalError: The user has to wait, or the recovery codes are disabled.
    """
    failures = _failures(db, user, factor)
    if factor is Factor.RECOVERY and failures.wrong >= MAX_CONSECUTIVE_FAILURES:
        raise _rate_limited(f"{CODES_DISABLED} Authenticate with another factor, then rotate them.", MAX_WAIT)
    if db.now < failures.retry_at:
        # The upper bound matters if the clock was set back.
        wait = min(failures.retry_at - db.now, MAX_WAIT)
        raise _rate_limited("Too many wrong codes. Wait, then try again.", wait)


def record_failure(db: Transaction, user: User, factor: Factor) -> None:
    """Count a wrong attempt, and start the wait that follows it."""
    wrong = _failures(db, user, factor).wrong + 1
    db.execute(
        "INSERT INTO wrong_tries (user_number, factor, wrong, retry_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_number, factor) DO UPDATE SET wrong = excluded.wrong, retry_at = excluded.retry_at",
        user.number,
        factor,
        wrong,
        db.now + wait_after(wrong),
    )


def reset(db: Transaction, user: User, factor: Factor) -> None:
    """Set the count of wrong attempts to zero."""
    db.execute("DELETE FROM wrong_tries WHERE user_number = ? AND factor = ?", user.number, factor)


def recovery_codes_are_disabled(db: Transaction, user: User) -> bool:
    """Return whether a user's recovery codes are disabled until they are rotated."""
    return _failures(db, user, Factor.RECOVERY).wrong >= MAX_CONSECUTIVE_FAILURES


def wait_after(wrong: int) -> int:
    """Return the wait after this number of consecutive wrong attempts, in seconds."""
    if wrong < FREE_ATTEMPTS:
        return 0
    # The exponent is bounded too, to avoid computing a huge number.
    return min(MIN_WAIT << min(wrong - FREE_ATTEMPTS, 16), MAX_WAIT)


def _failures(db: Transaction, user: User, factor: Factor) -> _Failures:
    query = "SELECT wrong, retry_at FROM wrong_tries WHERE user_number = ? AND factor = ?"
    return db.fetch_one(_Failures, query, user.number, factor) or _Failures()


def _rate_limited(text: str, seconds: int) -> RefusalError:
    headers = {"retry-after": str(seconds)}
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, text, code=ErrorCode.MFA_RATE_LIMITED, headers=headers)


CODES_DISABLED = f"Recovery codes are disabled after {MAX_CONSECUTIVE_FAILURES} wrong attempts."
