"""Where identifiers, codes and keys come from."""

import secrets
from collections.abc import Callable
from uuid import UUID

RandomBytes = Callable[[int], bytes]
"""Gives as many unpredictable bytes as it is asked for."""


class Entropy:
    """Draws what must be unpredictable from one source, so that a test can hand in its own."""

    def __init__(self, source: RandomBytes = secrets.token_bytes) -> None:
        self._source = source

    def octets(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return self._source(count)

    def uuid(self) -> str:
        """Return a random UUID (RFC 9562, version 4) in lower case."""
        return str(UUID(bytes=self._source(16), version=4))

    def symbols(self, alphabet: str, count: int) -> str:
        """Return `count` symbols, each equally likely, from an alphabet of at most 256."""
        # A byte at or above the greatest multiple is drawn again: a plain remainder would favour the first symbols.
        fair = 256 - 256 % len(alphabet)
        drawn: list[str] = []
        while len(drawn) < count:
            drawn += [alphabet[octet % len(alphabet)] for octet in self._source(count) if octet < fair]
        return "".join(drawn[:count])
