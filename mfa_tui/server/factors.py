"""Which factors a user has."""

from mfa_tui.server.context import User
from mfa_tui.server.store import Transaction


def has_codes(user: User) -> bool:
    """Say whether a user's recovery codes are known to be saved, so that a sign-in may ask for one."""
    return user.acknowledgement == "complete"


def has_authenticator(db: Transaction, user: User) -> bool:
    """Say whether a user has a verified authenticator app."""
    found = db.first("SELECT 1 FROM totp_devices WHERE user = ? AND verified_at IS NOT NULL", user.number)
    return found is not None


def has_any(db: Transaction, user: User) -> bool:
    """Say whether a user has something to pass a challenge with."""
    return has_codes(user) or has_authenticator(db, user)
