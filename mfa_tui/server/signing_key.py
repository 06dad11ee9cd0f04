"""The RSA key that signs tokens: generated once, and stored in the database, encrypted.

Generating one takes 50 to 300 ms, so only a new database waits for it.
"""

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    generate_private_key,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

from mfa_tui.server.keys import Keys
from mfa_tui.server.store import Transaction

_BITS = 2048
"""RFC 7518 section 3.3 requires at least these."""

_EXPONENT = 65_537
_ASSOCIATED_DATA = b"signing key"


class _Primes(msgspec.Struct):
    """The stored form of the key. The other numbers follow from these."""

    p: str
    q: str


def generate(db: Transaction, keys: Keys) -> None:
    """Generate the key of a new database."""
    numbers = generate_private_key(_EXPONENT, _BITS).private_numbers()
    primes = msgspec.json.encode(_Primes(f"{numbers.p:x}", f"{numbers.q:x}"))
    encrypted = keys.encrypt(primes, associated_data=_ASSOCIATED_DATA)
    db.execute("INSERT INTO signing_keys (number, sealed) VALUES (1, ?)", encrypted)


def read(db: Transaction, keys: Keys) -> RSAPrivateKey:
    """Return the key.

    Raises:
        ValueError: It is missing or not complete.
        DecryptionError: It was changed.
    """
    (encrypted,) = db.fetch_column(bytes, "SELECT sealed FROM signing_keys")
    primes = msgspec.json.decode(keys.decrypt(encrypted, associated_data=_ASSOCIATED_DATA), type=_Primes)
    p, q = int(primes.p, 16), int(primes.q, 16)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(_EXPONENT, p * q)
    numbers = RSAPrivateNumbers(p, q, d, rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q), public)
    # The check takes 80 ms, and the numbers were encrypted with a key that authenticates them.
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
