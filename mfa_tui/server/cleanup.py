"""What is over is removed as the service goes: whatever adds a row first removes some that are past their time.

As each call removes more than it adds, the database does not grow with time, and no timer is needed.
"""

from mfa_tui.server.mail import Outbox
from mfa_tui.server.store import Transaction

AT_ONCE = 20
"""How many rows of a table one call removes at most: it must not wait long for others' leavings."""


def cleanup(db: Transaction, outbox: Outbox) -> None:
    """Remove some of the sessions, step-up tokens and e-mail verifications that are over, with their mails.

    And the notices that are old.
    """
    outbox.forget_notices(db.now)
    for statement in _EXPIRED:
        db.change(statement, db.now, AT_ONCE)
    over = db.rows("SELECT id FROM email_verifications WHERE expires_at <= ? LIMIT ?", db.now, AT_ONCE)
    for (verification_id,) in over:
        db.change("DELETE FROM email_verifications WHERE id = ?", verification_id)
        outbox.forget_email_code(verification_id)


_EXPIRED = (
    "DELETE FROM step_up_tokens WHERE id IN (SELECT id FROM step_up_tokens WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM mails_sent WHERE number IN (SELECT number FROM mails_sent WHERE expires_at <= ? LIMIT ?)",
)
