"""The service's keys, and the file beside the database that holds them.

Whoever has the database alone has no code: codes are sealed with AES-256-GCM (NIST SP 800-38D), and what finds a
code again is an HMAC-SHA-256 of it, which cannot be tried out without the key.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mfa_tui.atomic_file import Draft
from mfa_tui.server.entropy import Entropy
from mfa_tui.server.errors import KeyFileExposedError, KeyFileMissingError, KeyFileWrongError

_KEY_BYTES = 32
_NONCE_BYTES = 12
"""The size of a nonce that SP 800-38D recommends; random ones are safe for 2**32 seals with one key."""

_OTHERS = 0o077
_LARGEST_FILE = 4096

_Key = Annotated[bytes, msgspec.Meta(min_length=_KEY_BYTES, max_length=_KEY_BYTES)]


class DecryptionError(Exception):
    """Sealed bytes were changed, or stand in another place than the one they were sealed for."""


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds, as JSON; keys in base64."""

    version: Literal[1]
    sealing: _Key
    lookup: _Key
    signing: _Key


class Keys:
    """The three keys: one seals codes, one finds them again, one signs tokens (a P-256 scalar)."""

    def __init__(self, sealing: bytes, lookup: bytes, signing: bytes) -> None:
        self._sealing = sealing
        self._lookup = lookup
        self.signing = signing
        self._cipher = AESGCM(sealing)

    def __repr__(self) -> str:
        return "Keys(…)"

    @classmethod
    def new(cls, entropy: Entropy) -> Self:
        """Return keys that were never used."""
        # The scalar must lie below the group's order, which begins with 32 one bits: clearing the topmost bit of
        # a random number keeps it there, and leaves 255 bits of choice.
        signing = entropy.octets(_KEY_BYTES)
        return cls(entropy.octets(_KEY_BYTES), entropy.octets(_KEY_BYTES), bytes([signing[0] & 0x7F]) + signing[1:])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the keys in the file at `path`.

        Raises:
            KeyFileMissing: There is no such file.
            KeyFileExposed: Others may read or write it.
            KeyFileWrong: It is not a key file.
            OSError: It cannot be read.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(_LARGEST_FILE)
        except FileNotFoundError:
            raise KeyFileMissingError(path) from None
        if os.name == "posix" and mode & _OTHERS:
            raise KeyFileExposedError(path)
        try:
            held = msgspec.json.decode(content, type=_KeyFile)
        except msgspec.DecodeError:
            raise KeyFileWrongError(path) from None
        return cls(held.sealing, held.lookup, held.signing)

    def draft(self, path: Path) -> Draft:
        """Write the keys to disk, to appear at `path`.

        Raises:
            OSError: The file could not be written.
        """
        return Draft(path, msgspec.json.encode(_KeyFile(1, self._sealing, self._lookup, self.signing)))

    @property
    def fingerprint(self) -> bytes:
        """What tells these keys from others and gives none of them away; the database keeps it."""
        return self.digest("fingerprint", self._sealing, self.signing)

    def digest(self, purpose: str, *parts: bytes) -> bytes:
        """Return the HMAC-SHA-256 of `parts` for one purpose: 32 bytes."""
        keyed = hmac.new(self._lookup, digestmod=hashlib.sha256)
        for part in (purpose.encode(), *parts):
            # Lengths go in as well, so that no two lists of parts give the same bytes.
            keyed.update(len(part).to_bytes(4) + part)
        return keyed.digest()

    def encrypt(self, text: bytes, *, place: bytes, nonce: bytes) -> bytes:
        """Return `text` encrypted so that it opens at `place` only. `nonce` is 12 bytes, never used before."""
        return nonce + self._cipher.encrypt(nonce, text, place)

    def decrypt(self, sealed: bytes, *, place: bytes) -> bytes:
        """Return what was sealed for `place`.

        Raises:
            DecryptionError: It was changed, or sealed for another place.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise DecryptionError from None

    @staticmethod
    def nonce(entropy: Entropy) -> bytes:
        """Return a nonce for one seal."""
        return entropy.octets(_NONCE_BYTES)
