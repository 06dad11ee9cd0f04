"""The rotation journal, by which a later start distinguishes a rotated set from the old one. It contains no code."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from mfa_tui.protocol import codec, models
from mfa_tui.redaction import Secret
from mfa_tui.storage import private_file

_MAX_BYTES = 256 * 1024
_SCRYPT = {"n": 2**12, "r": 8, "p": 1, "dklen": 16}
"""4 MiB and about 10 ms a code: any of ten codes of 50 bits is found after some 40,000 years of one core."""


class Rotation(models.Message, frozen=True, kw_only=True):
    """A rotation that was requested at `asked_at` (unix seconds) and has no known outcome yet.

    `old` has a salted hash of each code of the old set, or is None if the set could not be read; `acknowledged` says
    whether the user had confirmed that set as saved.
    """

    asked_at: int
    acknowledged: bool
    salt: str
    old: tuple[str, ...] | None

    @classmethod
    def of(cls, old: Iterable[Secret] | None, *, acknowledged: bool, asked_at: int) -> Self:
        """Return the record of a rotation that is about to be requested. Takes about 10 ms per code."""
        salt = secrets.token_hex(16)
        hashes = None if old is None else tuple(_hash(code, salt) for code in old)
        return cls(asked_at=asked_at, acknowledged=acknowledged, salt=salt, old=hashes)

    def was_replaced_by(self, codes: Sequence[Secret]) -> bool | None:
        """Return whether `codes` is another set than the old one, or None if the old one is not known.

        Takes about 10 ms per code. An empty set replaces nothing.
        """
        if self.old is None:
            return None
        return bool(codes) and not any(_hash(code, self.salt) in self.old for code in codes)


class Journal:
    """The journals of one profile, one for each user, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, user_id: str) -> Rotation | None:
        """Return the rotation without a known outcome, or None.

        Raises:
            StorageError: The journal exists and cannot be read.
        """
        raw = private_file.read(self._path(user_id), _MAX_BYTES)
        if raw is None:
            return None
        try:
            return codec.decode(raw, Rotation)
        except msgspec.MsgspecError:
            # Written in one step, so another program changed it. Without it no rotation is known.
            return None

    def save(self, user_id: str, rotation: Rotation) -> None:
        """Write the rotation to disk, replacing any earlier one.

        Raises:
            StorageError: It could not be written.
        """
        private_file.write(self._path(user_id), codec.encode(rotation))

    def close(self, user_id: str) -> None:
        """Remove the journal, because the outcome is known.

        Raises:
            StorageError: It could not be removed.
        """
        private_file.remove(self._path(user_id))

    def _path(self, user_id: str) -> Path:
        name = hashlib.sha256(user_id.encode()).hexdigest()[:16]
        return self._folder / f"rotation-{name}.json"


def _hash(code: Secret, salt: str) -> str:
    return hashlib.scrypt(code.reveal().encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
