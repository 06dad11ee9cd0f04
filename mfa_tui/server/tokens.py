"""Tokens: JSON Web Tokens signed with RS256 (RFC 7515, RFC 7518 section 3.3, RFC 7519), as the vendor's are.

Implemented on `cryptography`, because importing PyJWT would take 40 ms of every start; the tests read these tokens with
PyJWT. The header must equal the only one that a kind of token can have, so a token never chooses an algorithm or a key
(RFC 8725 sections 3.1 and 3.11).
"""

import hashlib
from enum import StrEnum
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import UNSET, UnsetType

from mfa_tui.protocol import codec
from mfa_tui.protocol.service import Jwks, JwksKey
from mfa_tui.protocol.user import VerifiedCredential
from mfa_tui.redaction import Secret

_ALGORITHM = "RS256"
_MAX_LENGTH = 4096
"""The longest token that is read, in characters; the service's own have about 1,000."""


class TokenKind(StrEnum):
    """The `typ` in a token's header."""

    SESSION = "JWT"
    ID = "id+jwt"
    """Describes the user to the app; the service accepts it nowhere."""
    MFA = "mfa+jwt"
    ELEVATED = "elevated+jwt"


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that every kind of token has."""

    sub: str
    """The user's id."""
    sid: str
    """The session's id."""
    scope: str


class SessionClaims(Claims, frozen=True, kw_only=True):
    """The claims of a session's token."""

    email: str
    last_verified_credential_id: str
    aud: str
    generation: int = 0
    """How often the session was refreshed before."""


class IdClaims(SessionClaims, frozen=True, kw_only=True):
    """The claims of an ID token."""

    verified_credentials: tuple[VerifiedCredential, ...]
    missing_fields: tuple[str, ...] = ()
    new_user: bool | UnsetType = UNSET


class StepUpClaims(Claims, frozen=True, kw_only=True):
    """The claims of an MFA token or an elevated token."""

    jti: str
    """The id of its row in the table `step_up_tokens`."""
    single_use: bool = msgspec.field(name="singleUse")


class _IssuerClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that the service adds to each token."""

    kid: str
    iss: str
    environment_id: str
    iat: int
    exp: int


_ClaimsT = TypeVar("_ClaimsT", bound=Claims)


class InvalidTokenError(Exception):
    """A token is not one of this kind and environment, or it has expired."""


class Tokens:
    """Signs and reads the tokens of one environment.

    Args:
        signing_key: The RSA key of the environment.
        environment_id: The environment.
    """

    def __init__(self, signing_key: RSAPrivateKey, environment_id: str) -> None:
        self._key = signing_key
        self._public_key = self._key.public_key()
        self._issuer = f"app.dynamic.xyz/{environment_id}"
        self._environment_id = environment_id
        numbers = self._public_key.public_numbers()
        e, n = (_encode_number(number) for number in (numbers.e, numbers.n))
        self._key_id = _thumbprint(e, n)
        key = JwksKey(kid=self._key_id, alg=_ALGORITHM, kty="RSA", e=e, n=n, use="sig")
        self.jwks = Jwks(keys=(key,))
        """The public key as a JSON Web Key Set (RFC 7517)."""
        self._headers = {
            kind: codec.base64url_encode(msgspec.json.encode({"alg": _ALGORITHM, "kid": self._key_id, "typ": kind}))
            for kind in TokenKind
        }

    def sign(self, kind: TokenKind, claims: Claims, *, now: int, expires_at: int) -> Secret:
        """Return a token with these claims. Times are unix seconds."""
        issuer_claims = _IssuerClaims(
            kid=self._key_id, iss=self._issuer, environment_id=self._environment_id, iat=now, exp=expires_at
        )
        payload = {**msgspec.to_builtins(issuer_claims), **msgspec.to_builtins(claims)}
        signed = f"{self._headers[kind]}.{codec.base64url_encode(msgspec.json.encode(payload))}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return Secret(f"{signed}.{codec.base64url_encode(signature)}")

    def read(self, kind: TokenKind, claims_type: type[_ClaimsT], token: Secret, *, now: int) -> _ClaimsT:
        """Return the claims of a token.

        Raises:
            InvalidTokenError: It is of another kind, issuer or environment, was changed, or has expired.
        """
        text = token.reveal()
        if len(text) > _MAX_LENGTH or not text.isascii():
            raise InvalidTokenError
        signed, _, signature = text.rpartition(".")
        header, _, payload = signed.partition(".")
        if header != self._headers[kind]:
            raise InvalidTokenError
        try:
            octets = codec.base64url_decode(signature)
            self._public_key.verify(octets, signed.encode(), padding.PKCS1v15(), SHA256())
            decoded = codec.base64url_decode(payload)
            issuer_claims = msgspec.json.decode(decoded, type=_IssuerClaims)
            claims = msgspec.json.decode(decoded, type=claims_type)
        except (InvalidSignature, ValueError, msgspec.DecodeError):
            raise InvalidTokenError from None
        if issuer_claims.iss != self._issuer or issuer_claims.exp <= now:
            raise InvalidTokenError
        return claims


def _thumbprint(e: str, n: str) -> str:
    """Return the SHA-256 thumbprint of an RSA key (RFC 7638), which fixes the order of these members."""
    members = {"e": e, "kty": "RSA", "n": n}
    return codec.base64url_encode(hashlib.sha256(msgspec.json.encode(members)).digest())


def _encode_number(number: int) -> str:
    """Return a number as in a JSON Web Key (RFC 7518 section 2, Base64urlUInt)."""
    return codec.base64url_encode(number.to_bytes((number.bit_length() + 7) // 8))
