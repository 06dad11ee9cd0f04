"""Users, and the factors that they have."""

from enum import StrEnum
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from mfa_tui.server.store import Transaction

_SELECT = "SELECT number, id, email, credential_id, acknowledgement, profile AS stored_profile FROM users"


class Factor(StrEnum):
    """A way in which users prove who they are."""

    EMAIL = "email"
    RECOVERY = "recovery"
    TOTP = "totp"
    PASSKEY = "passkey"


class User(msgspec.Struct, frozen=True):
    """A row of the table `users`. `number` is internal; the API identifies a user by `id`."""

    number: int
    id: str
    email: str
    credential_id: str
    acknowledgement: str | None
    stored_profile: str = "{}"

    @property
    def profile(self) -> dict[str, Any]:
        """The fields that only the web app reads, by their names in `UpdateUser`."""
        return dict(msgspec.json.decode(self.stored_profile))

    @property
    def has_saved_codes(self) -> bool:
        """Whether the user confirmed that the recovery codes are saved, so that a sign-in may ask for one."""
        return self.acknowledgement == "complete"


def get(db: Transaction, number: int) -> User:
    """Return the user with this internal number."""
    (user,) = db.fetch_all(User, f"{_SELECT} WHERE number = ?", number)
    return user


def find(db: Transaction, email: str) -> User | None:
    """Return the user with this address, or None."""
    return db.fetch_one(User, f"{_SELECT} WHERE email = ?", email)


def get_or_create(db: Transaction, email: str) -> tuple[User, bool]:
    """Return the user with this address, and whether the user is new."""
    created = db.execute(
        "INSERT INTO users (id, email, credential_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
        str(uuid4()),
        email,
        str(uuid4()),
        db.now,
    )
    (user,) = db.fetch_all(User, f"{_SELECT} WHERE email = ?", email)
    return user, created == 1


def has_authenticator(db: Transaction, user: User) -> bool:
    """Return whether a user has a verified authenticator app."""
    return db.exists("SELECT 1 FROM totp_devices WHERE user_number = ? AND verified_at IS NOT NULL", user.number)


def has_method(db: Transaction, user: User) -> bool:
    """Return whether a user has a verified authenticator app or a passkey."""
    has_passkey = db.exists("SELECT 1 FROM passkeys WHERE user_number = ?", user.number)
    return has_passkey or has_authenticator(db, user)


def has_factor(db: Transaction, user: User) -> bool:
    """Return whether a user can complete an MFA challenge.

    Codes alone are a factor too, as long as one is left. At the vendor's service they are none without a method.
    """
    if has_method(db, user):
        return True
    query = "SELECT 1 FROM recovery_codes WHERE user_number = ? AND spent_at IS NULL"
    return user.has_saved_codes and db.exists(query, user.number)


def record_verified_method(db: Transaction, user: User) -> User:
    """Record that a method became verified: a user who never had recovery codes is asked to save some.

    The vendor's widget shows the codes if the response to the verification says `pending`.
    """
    if user.acknowledgement is not None:
        return user
    db.execute("UPDATE users SET acknowledgement = 'pending' WHERE number = ?", user.number)
    return replace(user, acknowledgement="pending")


def delete_factors(db: Transaction, user: User) -> None:
    """Delete the user's sessions, recovery codes, devices, passkeys and counted attempts.

    Tokens, stored responses, challenges and hand-offs belong to a session, and are deleted with it.
    """
    for table in ("sessions", "recovery_codes", "totp_devices", "passkeys"):
        db.execute(f"DELETE FROM {table} WHERE user_number = ?", user.number)  # noqa: S608 - the tables named above
    db.execute("DELETE FROM attempts WHERE email = ?", user.email)
