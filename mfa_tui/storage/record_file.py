"""The file with the record of a set, and the lock that is held around a change of the set and its record.

One account, a user at a service, has one record, whichever profile names it. An advisory lock beside the file lets the
programs of one user take turns; the system releases it when a program ends.
"""

import contextlib
import hashlib
import os
import sys
import time
from pathlib import Path

import msgspec

from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import codec
from mfa_tui.storage import private_file
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.set_record import SetRecord

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MAX_BYTES = 1024 * 1024
"""The largest record that is read; more than a record with the longest of every list."""


class RecordLockedError(MfaTuiError):
    """Another program of this user holds the lock of the record for longer than this one waits."""

    def __init__(self) -> None:
        super().__init__(
            "Another mfa-tui on this machine is changing these codes.",
            impact="This one sent nothing.",
            hint="Wait until the other one is done, or end it; then try again.",
        )


class RecordFile:
    """The record of one account on disk, mode 0600, and its lock.

    Args:
        folder: The folder of all records.
        account: The service, the environment and the user.
        old_journal_folder: The profile's folder, in which version 0.1 wrote that a rotation was requested.
    """

    def __init__(self, folder: Path, account: tuple[str, str, str], *, old_journal_folder: Path) -> None:
        name = hashlib.sha256("\0".join(account).encode()).hexdigest()[:32]
        self._path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        user = hashlib.sha256(account[-1].encode()).hexdigest()[:16]
        self._old_journal = old_journal_folder / f"rotation-{user}.json"

    def try_lock(self) -> int | None:
        """Take the lock, and return its descriptor, or None if another program holds it.

        Raises:
            StorageError: The lock file cannot be opened.
        """
        try:
            self._lock_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError("written", self._lock_path, error) from None
        try:
            if _lock(descriptor):
                return descriptor
        except OSError as error:
            os.close(descriptor)
            raise StorageError("written", self._lock_path, error) from None
        os.close(descriptor)
        return None

    def load(self) -> SetRecord:
        """Return the record; a new one if none exists. The lock must be held.

        A record that cannot be decoded, or a journal of version 0.1, counts as a rotation that may be open; so does a
        rotation that was requested before the system was started, whose age cannot be known.

        Raises:
            StorageError: It exists and cannot be read.
        """
        raw = private_file.read(self._path, MAX_BYTES + 1)
        if raw is None and private_file.read(self._old_journal, 1) is None:
            return SetRecord.new()
        record = None if raw is None else _decode(raw)
        if record is not None and (record.rotation is None or record.rotation.requested.elapsed() is not None):
            return record
        record = (record or SetRecord.new()).in_doubt(int(time.time()))
        with contextlib.suppress(StorageError):  # the next start counts the age from now on again
            self.save(record)
        return record

    def peek(self) -> SetRecord | None:
        """Return the record without the lock, to show it; None if none exists or it cannot be decoded.

        Raises:
            StorageError: It exists and cannot be read.
        """
        raw = private_file.read(self._path, MAX_BYTES + 1)
        return None if raw is None else _decode(raw)

    def save(self, record: SetRecord) -> None:
        """Write the record to disk in one step. The lock must be held.

        Raises:
            StorageError: It could not be written; the earlier one is unchanged.
        """
        private_file.write(self._path, codec.encode(record))
        with contextlib.suppress(StorageError):
            private_file.remove(self._old_journal)


def unlock(descriptor: int) -> None:
    """Release the lock."""
    os.close(descriptor)


def _decode(raw: bytes) -> SetRecord | None:
    """Return the record, or None if another program has changed it: this one writes it in one step."""
    try:
        return codec.decode(raw, SetRecord) if len(raw) <= MAX_BYTES else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _lock(descriptor: int) -> bool:
    """Lock the open file unless another program has; return whether it is locked now."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    return True
