"""The reset of a user who has lost every factor, by whoever runs the service.

Old recovery codes must not open the account after it: a set that was lost may have been found. So the user is as after
the first sign-in, without codes, and gets a set with the next request for it.
"""

from mfa_tui.server import notices, users
from mfa_tui.server.errors import ResetFailedError, ResetUnknownError, UserUnknownError
from mfa_tui.server.keys import Keys
from mfa_tui.server.store import CommitUnknownError, RolledBackError, Store, Transaction


def require_user(store: Store, email: str) -> None:
    """Check that the service has a user with this address.

    Raises:
        UserUnknownError: It has none.
        ResetFailedError: The database could not be read.
    """
    try:
        store.read(lambda db: _find(db, email))
    except RolledBackError:
        raise ResetFailedError(store.name) from None


def run(store: Store, keys: Keys, email: str) -> None:
    """End the user's sessions and waits, remove the factors and the recovery codes, and send a notice.

    Raises:
        UserUnknownError: There is no such user.
        ResetFailedError: Nothing was changed.
        ResetUnknownError: It may have been done.
    """
    try:
        store.write(lambda db: _reset(db, keys, email))
    except RolledBackError:
        raise ResetFailedError(store.name) from None
    except CommitUnknownError:
        raise ResetUnknownError(store.name) from None


def _find(db: Transaction, email: str) -> users.User:
    user = users.find(db, email.lower())
    if user is None:
        raise UserUnknownError
    return user


def _reset(db: Transaction, keys: Keys, email: str) -> None:
    user = _find(db, email)
    users.delete_factors(db, user)
    db.execute("UPDATE users SET acknowledgement = NULL WHERE number = ?", user.number)
    db.execute("DELETE FROM email_verifications WHERE email = ?", user.email)
    db.execute("DELETE FROM mails_sent WHERE email = ?", user.email)
    notices.account_reset(db, keys, user.email)
