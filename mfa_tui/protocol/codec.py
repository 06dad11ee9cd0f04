"""Encodes and decodes the JSON of the API."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from mfa_tui.protocol import models
from mfa_tui.redaction import Secret

_T = TypeVar("_T")


def is_email_address(text: str) -> bool:
    """Return whether the service would accept this as an e-mail address."""
    try:
        convert({"email": text}, models.CreateEmailVerification)
    except msgspec.ValidationError:
        return False
    return True


def encode(message: models.Message) -> bytes:
    """Return `message` as JSON. Only this function writes a secret into a body."""
    return _ENCODER.encode(message)


def decode(raw: bytes, kind: type[_T]) -> _T:
    """Decode JSON as `kind`.

    Raises:
        msgspec.ValidationError: It is JSON, but not of this type. The message names a field, never a value.
        msgspec.DecodeError: It is not JSON.
    """
    return msgspec.json.decode(raw, type=kind, dec_hook=_read_secret)


def convert(tree: object, kind: type[_T]) -> _T:
    """Convert decoded JSON to `kind`.

    Raises:
        msgspec.ValidationError: It is not of this type. The message names a field, never a value.
    """
    return msgspec.convert(tree, type=kind, dec_hook=_read_secret)


def date(seconds: int) -> str:
    """Return a time, in unix seconds, as the API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def base64url_encode(octets: bytes) -> str:
    """Return bytes in base64url without padding (RFC 4648 section 5), as WebAuthn and JSON Web Tokens have it."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def base64url_decode(text: str) -> bytes:
    """Decode base64url without padding.

    Raises:
        ValueError: It is not base64url.
    """
    return urlsafe_b64decode(text + "==")


def _read_secret(kind: type, value: object) -> Secret:
    if kind is not Secret:
        raise NotImplementedError
    return Secret.decode(value)


def _write_secret(value: object) -> str:
    if not isinstance(value, Secret):
        raise NotImplementedError
    return value.reveal()


_ENCODER = msgspec.json.Encoder(enc_hook=_write_secret)
