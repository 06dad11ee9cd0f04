"""Deletes expired rows, and mails with them.

Requests that add a row call it, and it deletes more rows than such a request adds. So the database does not grow over
time, and no timer is needed.
"""

from mfa_tui.server.mail import Outbox
from mfa_tui.server.store import Transaction

BATCH_SIZE = 20
"""How many rows of a table one call deletes at most, so that a request is not slowed down by a backlog."""

_DELETE_EXPIRED = (
    "DELETE FROM step_up_tokens WHERE id IN (SELECT id FROM step_up_tokens WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM passkey_challenges WHERE challenge IN"
    " (SELECT challenge FROM passkey_challenges WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM handoffs WHERE session IN (SELECT session FROM handoffs WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM attempts WHERE (email, factor, client) IN"
    " (SELECT email, factor, client FROM attempts WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM mails_sent WHERE number IN (SELECT number FROM mails_sent WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM email_verifications WHERE id IN (SELECT id FROM email_verifications WHERE expires_at <= ? LIMIT ?)",
)


def delete_expired(db: Transaction, outbox: Outbox) -> None:
    """Delete a batch of expired sessions, tokens, challenges, hand-offs, e-mail verifications and mails."""
    for statement in _DELETE_EXPIRED:
        db.execute(statement, db.now, BATCH_SIZE)
    outbox.remove_expired(db)


def delete_expired_responses(db: Transaction) -> None:
    """Delete a batch of expired stored responses, and nothing else: most changes store one, and must stay fast."""
    statement = (
        "DELETE FROM stored_responses WHERE number IN"
        " (SELECT number FROM stored_responses WHERE expires_at <= ? LIMIT ?)"
    )
    db.execute(statement, db.now, BATCH_SIZE)
