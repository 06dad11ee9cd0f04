"""What slows guessing down: wrong tries are counted for each user and factor, in the database.

Five are free; after that each wrong try is followed by a wait, 30 s and then twice as long each time, up to an
hour. NIST SP 800-63B-4 section 3.2.2 allows at most 100 failed attempts in a row: after 100 wrong recovery codes
the codes are off until they are rotated. A TOTP code lives for 90 s, so an hour for each try is limit enough.
"""

from http import HTTPStatus

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.server.context import Factor
from mfa_tui.server.refusal import RefusalError
from mfa_tui.server.store import Transaction

FREE_ATTEMPTS = 5
SHORTEST_WAIT = 30
LONGEST_WAIT = 3600
"""Seconds, as the one above."""

MAX_CONSECUTIVE_FAILURES = 100


def check(db: Transaction, user: int, factor: Factor) -> None:
    """Let a try through, or not. A try that is not let through is neither checked nor counted.

    Raises:
        RefusalError: A wait is on, or the codes are off.
    """
    wrong, retry_at = _count(db, user, factor)
    if factor is Factor.RECOVERY and wrong >= MAX_CONSECUTIVE_FAILURES:
        raise _limited("Recovery codes are off after 100 wrong tries: pass another factor, then rotate.", LONGEST_WAIT)
    if db.now < retry_at:
        # The cap is for a clock that was set back.
        raise _limited("Too many wrong codes: wait, then try again.", min(retry_at - db.now, LONGEST_WAIT))


def record_failure(db: Transaction, user: int, factor: Factor) -> None:
    """Count a wrong try, and begin the wait that follows it."""
    wrong = _count(db, user, factor)[0] + 1
    db.change(
        "INSERT INTO wrong_tries (user, factor, wrong, retry_at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET wrong = ?3, retry_at = ?4",
        user,
        factor,
        wrong,
        db.now + wait_after(wrong),
    )


def reset(db: Transaction, user: int, factor: Factor) -> None:
    """Forget the wrong tries: the right code was given, or the codes are others now."""
    db.change("DELETE FROM wrong_tries WHERE user = ? AND factor = ?", user, factor)


def codes_are_off(db: Transaction, user: int) -> bool:
    """Say whether recovery codes are off until they are rotated."""
    return _count(db, user, Factor.RECOVERY)[0] >= MAX_CONSECUTIVE_FAILURES


def wait_after(wrong: int) -> int:
    """Return the wait that follows so many wrong tries in a row, in seconds."""
    if wrong < FREE_ATTEMPTS:
        return 0
    # The exponent is bounded as well: no need for a number of a hundred bits.
    return min(SHORTEST_WAIT << min(wrong - FREE_ATTEMPTS, 16), LONGEST_WAIT)


def _count(db: Transaction, user: int, factor: Factor) -> tuple[int, int]:
    row = db.first("SELECT wrong, retry_at FROM wrong_tries WHERE user = ? AND factor = ?", user, factor)
    return (0, 0) if row is None else (row[0], row[1])


def _limited(text: str, seconds: int) -> RefusalError:
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, text, code=ErrorCode.MFA_RATE_LIMITED, retry_after=seconds)
