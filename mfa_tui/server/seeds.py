"""Seeds: users for the tests of a web app, with known recovery codes and, if wanted, a known authenticator app.

Their secrets are in a file beside the database that only its owner can read, and nowhere else. A user that exists is
left alone, so starting again with the same users changes nothing.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from mfa_tui.atomic_file import StagedFile
from mfa_tui.server import recovery, totp, users
from mfa_tui.server.keys import Keys
from mfa_tui.server.store import Transaction


class Seed(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The secrets of a seeded user, as the file contains them."""

    recovery_codes: tuple[str, ...]
    totp_secret: str | None = None


def create(db: Transaction, keys: Keys, file: Path, emails: Iterable[str], *, with_totp: bool) -> None:
    """Create the users that do not exist, and write their secrets to the file.

    The codes are confirmed as saved, so a sign-in is challenged. The file is written before the users are committed: a
    start that is interrupted in between creates them again.

    Raises:
        OSError: The file could not be written.
    """
    seeds = _read(file)
    for email in emails:
        user, is_new = users.get_or_create(db, email.lower())
        if is_new:
            seeds[user.email] = _create(db, keys, user, with_totp=with_totp)
    StagedFile(file, msgspec.json.format(msgspec.json.encode(seeds))).publish_durably()


def _read(file: Path) -> dict[str, Seed]:
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Seed])
    return {}


def _create(db: Transaction, keys: Keys, user: users.User, *, with_totp: bool) -> Seed:
    codes = recovery.generate_codes()
    recovery.store_set(db, keys, user, codes)
    db.execute("UPDATE users SET acknowledgement = 'complete' WHERE number = ?", user.number)
    if not with_totp:
        return Seed(codes)
    device_id, secret = totp.store_device(db, keys, user)
    db.execute("UPDATE totp_devices SET verified_at = ?, is_default = 1 WHERE id = ?", db.now, device_id)
    return Seed(codes, secret)
