"""The outbox: a folder of mails, each a complete RFC 5322 file.

A mail is first stored in the database, encrypted, in the transaction that it is about, and written to the folder after
the commit. So no mail is lost if the service is killed in between, or if the disk refuses the file: the next mail and
the next start write it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from pathlib import Path
from uuid import uuid4

from mfa_tui.atomic_file import StagedFile
from mfa_tui.server.keys import DecryptionError, Keys
from mfa_tui.server.store import RolledBackError, Store, Transaction

NOTICE_SECONDS = 90 * 24 * 3600
"""How long a notice stays in the outbox."""

SIGN_IN_CODE_SECONDS = 600
"""How long a sign-in code is valid, and its mail stays in the outbox."""

BATCH_SIZE = 20
"""How many mails are written or removed at a time."""

_FROM = "mfa-tui <no-reply@mfa-tui.localhost>"


@dataclass(frozen=True)
class _StoredMail:
    """A row of the table `outbox`."""

    name: str
    ciphertext: bytes


class Outbox:
    """A folder of mails. A program that sends them, if there is one, removes those that it has sent.

    Args:
        folder: The folder.
        store: The database, which has the mails that are not yet in the folder.
        keys: The keys that encrypt those.
    """

    def __init__(self, folder: Path, store: Store, keys: Keys) -> None:
        self._folder = folder
        self._store = store
        self._keys = keys

    def send_sign_in_code(self, db: Transaction, to: str, verification_id: str, code: str) -> None:
        """Send a sign-in code. Its mail replaces an earlier one for the same verification.

        If the mail cannot be written after the commit, the transaction raises an `OSError`: the user waits for it.
        """
        lines = (
            "Your sign-in code is",
            "",
            code,
            "",
            "It is valid for 10 minutes and for one sign-in. If you did not request it, ignore this mail.",
        )
        headers = (("To", to), ("Subject", "Your sign-in code"), ("X-Verification-UUID", verification_id))
        self._store_mail(db, sign_in_code_name(verification_id), headers, lines, SIGN_IN_CODE_SECONDS)
        db.after_commit(self._write)

    def expire_sign_in_code(self, db: Transaction, verification_id: str) -> None:
        """Have the next cleanup remove the mail of a code that is used up."""
        db.execute("UPDATE outbox SET expires_at = ? WHERE name = ?", db.now, sign_in_code_name(verification_id))

    def send_notice(self, db: Transaction, to: str, subject: str, lines: Iterable[str]) -> None:
        """Send a mail about a change to the account."""
        headers = (("To", to), ("Subject", subject))
        self._store_mail(db, f"notice-{db.now}-{uuid4()}.eml", headers, lines, NOTICE_SECONDS)
        db.after_commit(self.write_stored)

    def write_stored(self) -> None:
        """Write the stored mails to the folder, as far as that is possible now."""
        with suppress(OSError, RolledBackError):
            self._write()

    def remove_expired(self, db: Transaction) -> None:
        """Remove some mails that have been in the outbox for long enough."""
        query = "SELECT name FROM outbox WHERE expires_at <= ? LIMIT ?"
        for name in db.fetch_column(str, query, db.now, BATCH_SIZE):
            db.execute("DELETE FROM outbox WHERE name = ?", name)
            db.after_commit(partial(self._remove, name))

    def _store_mail(
        self, db: Transaction, name: str, headers: Iterable[tuple[str, str]], lines: Iterable[str], seconds: int
    ) -> None:
        # All values are ASCII without line breaks: addresses are validated when a request is decoded.
        all_headers = (
            ("From", _FROM),
            ("Date", formatdate(db.now)),
            ("Message-ID", f"<{uuid4()}@mfa-tui.localhost>"),
            *headers,
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=us-ascii"),
        )
        text = "\r\n".join([*(f"{header}: {value}" for header, value in all_headers), "", *lines, ""])
        encrypted = self._keys.encrypt(text.encode("ascii"), associated_data=_associated_data(name))
        db.execute("DELETE FROM outbox WHERE name = ?", name)
        db.execute("INSERT INTO outbox (name, sealed, expires_at) VALUES (?, ?, ?)", name, encrypted, db.now + seconds)

    def _write(self) -> None:
        """Write the stored mails to the folder.

        Raises:
            OSError: One could not be written.
            RolledBackError: The database could not be used.
        """
        for mail in self._store.read(_stored_mails):
            with suppress(DecryptionError):
                content = self._keys.decrypt(mail.ciphertext, associated_data=_associated_data(mail.name))
                StagedFile(self._folder / mail.name, content).publish_durably()
            self._store.write(partial(_mark_written, mail))

    def _remove(self, name: str) -> None:
        with suppress(OSError):
            (self._folder / name).unlink(missing_ok=True)


def sign_in_code_name(verification_id: str) -> str:
    """Return the name of the file that contains a verification's code."""
    return f"code-{verification_id}.eml"


def _stored_mails(db: Transaction) -> list[_StoredMail]:
    query = "SELECT name, sealed AS ciphertext FROM outbox WHERE sealed IS NOT NULL LIMIT ?"
    return db.fetch_all(_StoredMail, query, BATCH_SIZE)


def _mark_written(mail: _StoredMail, db: Transaction) -> None:
    # The row stays until the file expires. If its text was replaced meanwhile, that is not written yet.
    db.execute("UPDATE outbox SET sealed = NULL WHERE name = ? AND sealed = ?", mail.name, mail.ciphertext)


def _associated_data(name: str) -> bytes:
    return b"mail" + name.encode()
