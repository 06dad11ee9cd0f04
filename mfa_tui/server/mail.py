"""The outbox: mails that are stored in the database until they are delivered, to a folder or to a mail server.

A mail is stored, encrypted, in the transaction that it is about. After the commit the process delivers it. If it is
killed before, or if the delivery fails, another attempt follows when its claim to the mail has expired, by any process
of the service. So each mail is delivered at least once.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import msgspec

from mfa_tui.atomic_file import StagedFile
from mfa_tui.redaction import CrashReport, Secret
from mfa_tui.server.keys import DecryptionError, Keys
from mfa_tui.server.store import CommitUnknownError, RolledBackError, Store, Transaction

NOTICE_SECONDS = 90 * 24 * 3600
"""How long a notice stays in the outbox."""

SIGN_IN_CODE_SECONDS = 600
"""How long a sign-in code is valid, and its mail stays in the outbox."""

CLAIM_SECONDS = 30
"""How long a process has for the delivery of a mail, before another attempt follows: longer than an attempt takes."""

BATCH_SIZE = 20
"""How many mails are delivered or removed at a time."""

LOOK_SECONDS = 10.0
"""How often a process looks for stored mails with an expired claim."""

_FROM = "mfa-tui <no-reply@mfa-tui.localhost>"

_log = logging.getLogger(__name__)


class Mail(msgspec.Struct, frozen=True):
    """A mail to deliver."""

    name: str
    """The name of its file in the folder of mails."""
    content: bytes
    """An RFC 5322 message."""


class MailServer(msgspec.Struct, frozen=True):
    """A mail server, and how to log in to it."""

    host: str
    """Its certificate must be valid for this name."""
    port: int
    user: str = ""
    """Empty if it needs no login."""
    password: Secret = Secret("")


class Delivery(Protocol):
    """A way in which mails leave the service."""

    waits: bool
    """Whether a request that sends a sign-in code waits for the delivery."""

    def deliver(self, mail: Mail) -> None:
        """Deliver a mail.

        Raises:
            OSError: It could not be delivered.
        """

    def remove(self, name: str) -> None:
        """Remove a mail that has expired, if it is still there."""


class FolderDelivery:
    """Writes mails to a folder, from which another program may send them and remove them.

    Args:
        folder: The folder.
    """

    waits = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, mail: Mail) -> None:
        """Write the mail to its file, durably."""
        StagedFile(self._folder / mail.name, mail.content).publish_durably()

    def remove(self, name: str) -> None:
        """Remove the file."""
        with suppress(OSError):
            (self._folder / name).unlink(missing_ok=True)


class _StoredMail(msgspec.Struct, frozen=True):
    """A row of the table `outbox`."""

    name: str
    ciphertext: bytes


class _Claimed(msgspec.Struct, frozen=True):
    """A mail that this process delivers, or has delivered."""

    mail: Mail
    ciphertext: bytes
    """The mail as the database stores it."""
    delivered: bool = False
    until: float = msgspec.field(default_factory=lambda: time.monotonic() + CLAIM_SECONDS)
    """When the claim expires, on the monotonic clock."""


class Outbox:
    """The mails that are not yet delivered, and the thread that delivers them.

    Args:
        delivery: How they are delivered.
        store: The database.
        keys: The keys that encrypt stored mails.
    """

    def __init__(self, delivery: Delivery, store: Store, keys: Keys) -> None:
        self._delivery = delivery
        self._store = store
        self._keys = keys
        self._queue: queue.SimpleQueue[_Claimed | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mfa-service-mail", daemon=True)
        self._thread.start()

    def send_sign_in_code(self, db: Transaction, to: str, verification_id: str, code: str) -> None:
        """Send a sign-in code. Its mail replaces an earlier one for the same verification.

        If the user waits for the mail and it cannot be delivered, `RolledBackError` is raised after the commit.
        """
        lines = (
            "Your sign-in code is",
            "",
            code,
            "",
            "It is valid for 10 minutes and for one sign-in. If you did not request it, ignore this mail.",
        )
        headers = (("To", to), ("Subject", "Your sign-in code"), ("X-Verification-UUID", verification_id))
        mail = _compose(sign_in_code_name(verification_id), headers, lines, db.now)
        self._send(db, mail, SIGN_IN_CODE_SECONDS, at_once=self._delivery.waits)

    def expire_sign_in_code(self, db: Transaction, verification_id: str) -> None:
        """Have the next cleanup remove the mail of a code that is used up."""
        db.execute("UPDATE outbox SET expires_at = ? WHERE name = ?", db.now, sign_in_code_name(verification_id))

    def send_notice(self, db: Transaction, to: str, subject: str, lines: Iterable[str]) -> None:
        """Send a mail about a change to the account."""
        self._send(db, _compose_notice(db, to, subject, lines), NOTICE_SECONDS)

    def remove_expired(self, db: Transaction) -> None:
        """Remove some mails that have been in the outbox for long enough."""
        query = "SELECT name FROM outbox WHERE expires_at <= ? LIMIT ?"
        for name in db.fetch_column(str, query, db.now, BATCH_SIZE):
            db.execute("DELETE FROM outbox WHERE name = ?", name)
            db.after_commit(partial(self._delivery.remove, name))

    def close(self) -> None:
        """Deliver the mails that were sent, as far as possible, and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _send(self, db: Transaction, mail: Mail, seconds: int, *, at_once: bool = False) -> None:
        """Store a mail, and deliver it after the commit: before the response, or in the thread."""
        encrypted = _store(db, self._keys, mail, claimed_until=db.now + CLAIM_SECONDS, expires_at=db.now + seconds)
        if at_once:
            db.after_commit(partial(self._delivery.deliver, mail))
        db.after_commit(partial(self._queue.put, _Claimed(mail, encrypted, delivered=at_once)))

    def _run(self) -> None:
        """Deliver the mails of this process, and those with an expired claim, until the outbox is closed."""
        next_look = 0.0
        while True:
            batch = self._next_batch(max(0.0, next_look - time.monotonic()))
            try:
                if time.monotonic() >= next_look:
                    batch += self._store.write(self._claim)
                    next_look = time.monotonic() + LOOK_SECONDS
                delivered = [mail for mail in batch if mail is not None and self._deliver(mail)]
                if delivered:
                    self._store.write(partial(_mark_delivered, delivered))
            except (RolledBackError, CommitUnknownError):
                pass  # the mails that are not marked are delivered again
            except Exception as exception:  # noqa: BLE001 - no error may end this thread, nor reveal its message
                crash = CrashReport.from_exception(exception)
                _log.error("%s at %s, reference %s", crash.kind, crash.place, crash.reference)
            if None in batch:
                return

    def _next_batch(self, timeout: float) -> list[_Claimed | None]:
        """Wait for mails of this process; None stands for the end of the service."""
        batch: list[_Claimed | None] = []
        with suppress(queue.Empty):
            batch.append(self._queue.get(timeout=timeout))
            while len(batch) < BATCH_SIZE and None not in batch:
                batch.append(self._queue.get_nowait())
        return batch

    def _claim(self, db: Transaction) -> list[_Claimed]:
        """Claim some stored mails that no process is delivering, and that are still worth it."""
        query = (
            "SELECT name, sealed AS ciphertext FROM outbox"
            " WHERE sealed IS NOT NULL AND claimed_until <= ? AND expires_at > ? LIMIT ?"
        )
        claimed = []
        for stored in db.fetch_all(_StoredMail, query, db.now, db.now, BATCH_SIZE):
            db.execute("UPDATE outbox SET claimed_until = ? WHERE name = ?", db.now + CLAIM_SECONDS, stored.name)
            with suppress(DecryptionError):
                content = self._keys.decrypt(stored.ciphertext, associated_data=_associated_data(stored.name))
                claimed.append(_Claimed(Mail(stored.name, content), stored.ciphertext))
        return claimed

    def _deliver(self, claimed: _Claimed) -> bool:
        """Deliver a mail, and return if that succeeded."""
        if claimed.delivered:
            return True
        if time.monotonic() > claimed.until:
            return False  # another process may be delivering it
        try:
            self._delivery.deliver(claimed.mail)
        except OSError:
            return False
        return True


def store_notice(db: Transaction, keys: Keys, to: str, subject: str, lines: Iterable[str]) -> None:
    """Store a mail about a change to the account, which any process of the service delivers."""
    notice = _compose_notice(db, to, subject, lines)
    _store(db, keys, notice, claimed_until=db.now, expires_at=db.now + NOTICE_SECONDS)


def sign_in_code_name(verification_id: str) -> str:
    """Return the name of the file that contains a verification's code."""
    return f"code-{verification_id}.eml"


def _store(db: Transaction, keys: Keys, mail: Mail, *, claimed_until: int, expires_at: int) -> bytes:
    """Store a mail in place of an earlier one with its name, and return it as it is stored."""
    encrypted = keys.encrypt(mail.content, associated_data=_associated_data(mail.name))
    # One statement: a read of the name would, in PostgreSQL, conflict with each change of a name beside it.
    statement = (
        "INSERT INTO outbox (name, sealed, claimed_until, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
        " SET sealed = excluded.sealed, claimed_until = excluded.claimed_until, expires_at = excluded.expires_at"
    )
    db.execute(statement, mail.name, encrypted, claimed_until, expires_at)
    return encrypted


def _compose_notice(db: Transaction, to: str, subject: str, lines: Iterable[str]) -> Mail:
    return _compose(f"notice-{db.now}-{uuid4()}.eml", (("To", to), ("Subject", subject)), lines, db.now)


def _compose(name: str, headers: Iterable[tuple[str, str]], lines: Iterable[str], now: int) -> Mail:
    # All values are ASCII without line breaks: addresses are validated when a request is decoded.
    all_headers = (
        ("From", _FROM),
        ("Date", formatdate(now)),
        ("Message-ID", f"<{uuid4()}@mfa-tui.localhost>"),
        *headers,
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=us-ascii"),
    )
    text = "\r\n".join([*(f"{header}: {value}" for header, value in all_headers), "", *lines, ""])
    return Mail(name, text.encode("ascii"))


def _mark_delivered(mails: list[_Claimed], db: Transaction) -> None:
    # The row stays until the mail expires. If its text was replaced meanwhile, that is not delivered yet.
    for claimed in mails:
        statement = "UPDATE outbox SET sealed = NULL WHERE name = ? AND sealed = ?"
        db.execute(statement, claimed.mail.name, claimed.ciphertext)


def _associated_data(name: str) -> bytes:
    return b"mail" + name.encode()
