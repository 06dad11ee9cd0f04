"""Tokens: JSON Web Tokens signed with ES256 (RFC 7515, RFC 7518 section 3.4, RFC 7519).

Written out here over `cryptography`, because importing PyJWT takes 40 ms of every start; the tests read these
tokens with PyJWT. Of the standard's choices one is taken: the header is compared with the only one that a kind
of token can have, so no header chooses an algorithm or a key (RFC 8725 sections 3.1 and 3.11).
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from mfa_tui.redaction import Secret

_ALGORITHM = "ES256"
_COORDINATE_BYTES = 32
_LONGEST = 4096
"""The longest token read, in characters; ours have some 700."""


class TokenKind(StrEnum):
    """What a token is good for, as its header's `typ`."""

    SESSION = "JWT"
    MFA = "mfa+jwt"
    ELEVATED = "elevated+jwt"


class InvalidTokenError(Exception):
    """Not one of our tokens of this kind and environment, or expired."""


class Tokens:
    """Signs and reads the tokens of one environment.

    Args:
        signing: A P-256 scalar, 32 bytes.
        environment_id: The environment.
    """

    def __init__(self, signing: bytes, environment_id: str) -> None:
        self._key = ec.derive_private_key(int.from_bytes(signing), ec.SECP256R1())
        self._public = self._key.public_key()
        self._issuer = f"mfa-tui/{environment_id}"
        self._environment_id = environment_id
        self.key_id = _thumbprint(self._point())
        self._headers = {
            kind: _encode(msgspec.json.encode({"alg": _ALGORITHM, "kid": self.key_id, "typ": kind}))
            for kind in TokenKind
        }

    def sign(self, kind: TokenKind, claims: dict[str, Any], *, now: int, expires_at: int) -> Secret:
        """Return a token with these claims; times are unix seconds."""
        standard = {
            "kid": self.key_id,
            "iss": self._issuer,
            "environment_id": self._environment_id,
            "iat": now,
            "exp": expires_at,
        }
        signed = b".".join((self._headers[kind], _encode(msgspec.json.encode({**standard, **claims}))))
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(SHA256())))
        signature = r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES)
        return Secret(b".".join((signed, _encode(signature))).decode())

    def read(self, kind: TokenKind, token: Secret, *, now: int) -> dict[str, Any]:
        """Return the claims of a token.

        Raises:
            InvalidTokenError: It is not ours, of another kind or environment, changed, or expired.
        """
        text = token.reveal()
        if len(text) > _LONGEST or not text.isascii():
            raise InvalidTokenError
        signed, _, signature = text.encode().rpartition(b".")
        header, _, payload = signed.partition(b".")
        if header != self._headers[kind]:
            raise InvalidTokenError
        try:
            self._verify(signed, urlsafe_b64decode(signature + b"=="))
            claims = msgspec.json.decode(urlsafe_b64decode(payload + b"=="), type=dict[str, Any])
        except (InvalidSignature, ValueError, msgspec.DecodeError):
            raise InvalidTokenError from None
        if claims["iss"] != self._issuer or claims["exp"] <= now:
            raise InvalidTokenError
        return claims

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set (RFC 7517)."""
        key = {**self._point(), "kid": self.key_id, "alg": _ALGORITHM, "use": "sig"}
        return {"keys": [key]}

    def _verify(self, signed: bytes, signature: bytes) -> None:
        if len(signature) != 2 * _COORDINATE_BYTES:
            raise InvalidSignature
        r = int.from_bytes(signature[:_COORDINATE_BYTES])
        s = int.from_bytes(signature[_COORDINATE_BYTES:])
        self._public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))

    def _point(self) -> dict[str, str]:
        numbers = self._public.public_numbers()
        x, y = (_encode(number.to_bytes(_COORDINATE_BYTES)).decode() for number in (numbers.x, numbers.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _thumbprint(key: dict[str, str]) -> str:
    """Return the key's name: its SHA-256 thumbprint (RFC 7638), whose members stand in this order, unspaced."""
    return _encode(hashlib.sha256(msgspec.json.encode(key)).digest()).decode()


def _encode(octets: bytes) -> bytes:
    return urlsafe_b64encode(octets).rstrip(b"=")
