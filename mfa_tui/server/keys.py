"""The service's keys, and the file beside the database that contains them.

The database alone reveals no code: codes are encrypted with AES-256-GCM (NIST SP 800-38D), and looked up by their
HMAC-SHA-256, which cannot be computed without the key.
"""

import hashlib
import hmac
import os
from pathlib import Path
from secrets import token_bytes
from typing import Annotated, Literal, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mfa_tui.atomic_file import StagedFile
from mfa_tui.server.errors import KeyFileExposedError, KeyFileMissingError, KeyFileWrongError
from mfa_tui.server.private_folder import ACCESS_BY_OTHERS

_KEY_BYTES = 32
_NONCE_BYTES = 12
"""The size that SP 800-38D recommends. Random nonces are safe for 2**32 encryptions with one key."""

_ACCESS_BEYOND_GROUP_READ = 0o037
_MAX_FILE_BYTES = 4096

_Key = Annotated[bytes, msgspec.Meta(min_length=_KEY_BYTES, max_length=_KEY_BYTES)]


class DecryptionError(Exception):
    """A ciphertext was changed, or its associated data differs from that of its encryption."""


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the file, as JSON with keys in base64."""

    version: Literal[1]
    encryption: _Key = msgspec.field(name="sealing")
    lookup: _Key
    former_signing: _Key = msgspec.field(name="signing")


class Keys:
    """The keys for encryption and for lookup digests, and one that only identifies them: it signed tokens in 0.1."""

    def __init__(self, encryption: bytes, lookup: bytes, former_signing: bytes) -> None:
        self._encryption = encryption
        self._lookup = lookup
        self._former_signing = former_signing
        self._cipher = AESGCM(encryption)

    def __repr__(self) -> str:
        return "Keys(…)"

    @classmethod
    def generate(cls) -> Self:
        """Return new random keys."""
        return cls(token_bytes(_KEY_BYTES), token_bytes(_KEY_BYTES), token_bytes(_KEY_BYTES))

    @classmethod
    def read(cls, path: Path, *, group_may_read: bool = False) -> Self:
        """Return the keys in the file at `path`.

        Args:
            path: The file.
            group_may_read: Whether its group may read it, as several services of one machine may have to.

        Raises:
            KeyFileMissingError: The file does not exist.
            KeyFileExposedError: Other users may read or write it.
            KeyFileWrongError: It is not a key file.
            OSError: It cannot be read.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(_MAX_FILE_BYTES)
        except FileNotFoundError:
            raise KeyFileMissingError(path) from None
        if os.name == "posix" and mode & (_ACCESS_BEYOND_GROUP_READ if group_may_read else ACCESS_BY_OTHERS):
            raise KeyFileExposedError(path)
        try:
            keys = msgspec.json.decode(content, type=_KeyFile)
        except msgspec.DecodeError:
            raise KeyFileWrongError(path) from None
        return cls(keys.encryption, keys.lookup, keys.former_signing)

    def draft(self, path: Path) -> StagedFile:
        """Write the keys to disk, to be published at `path`.

        Raises:
            OSError: The file could not be written.
        """
        content = _KeyFile(1, self._encryption, self._lookup, self._former_signing)
        return StagedFile(path, msgspec.json.encode(content))

    @property
    def fingerprint(self) -> bytes:
        """A digest that identifies these keys without revealing them; stored in the database."""
        return self.digest("fingerprint", self._encryption, self._former_signing)

    def digest(self, purpose: str, *parts: bytes) -> bytes:
        """Return the HMAC-SHA-256 of `parts` for one purpose: 32 bytes."""
        keyed = hmac.new(self._lookup, digestmod=hashlib.sha256)
        for part in (purpose.encode(), *parts):
            # The length is included, so that no two lists of parts give the same bytes.
            keyed.update(len(part).to_bytes(4) + part)
        return keyed.digest()

    def encrypt(self, plaintext: bytes, *, associated_data: bytes) -> bytes:
        """Return a nonce and the ciphertext. Decrypting it requires the same associated data."""
        nonce = token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, associated_data)

    def decrypt(self, encrypted: bytes, *, associated_data: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            DecryptionError: The ciphertext or the associated data differs from that of the encryption.
        """
        try:
            return self._cipher.decrypt(encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:], associated_data)
        except (InvalidTag, ValueError):
            raise DecryptionError from None
