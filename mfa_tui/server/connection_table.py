"""The open HTTP connections of `mfa-tui serve`: how many there may be, and how long each may stay in a state."""

from collections.abc import Collection
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

import msgspec

from mfa_tui.server.limits import client_of


class State(StrEnum):
    """A state of a connection."""

    HANDSHAKE = "handshake"
    HEADERS = "headers"
    BODY = "body"
    HANDLING = "handling"
    ANSWERED = "answered"
    """The response is complete, but the request is not."""
    SENDING = "sending"
    """The client does not read what is sent."""
    IDLE = "idle"
    CLOSING = "closing"


class ConnectionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of connections. A field that is named like a state is the longest time in it, in seconds."""

    total: int = 500
    """Half of the 1024 open files that a process may have by default."""
    per_client: int = 100

    handshake: float = 10.0
    headers: float = 10.0
    body: float = 10.0
    handling: float = 15.0
    """Longer than the slowest request takes."""
    answered: float = 2.0
    sending: float = 10.0
    idle: float = 5.0
    closing: float = 5.0

    def timeout(self, state: State) -> float:
        """Return the longest time in a state."""
        return float(getattr(self, state))


class OpenConnection(Protocol):
    """A connection, as the table needs it."""

    @property
    def state(self) -> State | None:
        """The state, or None before the first one and between two requests."""

    def abort(self) -> None:
        """End the connection at once."""


class ConnectionTable(msgspec.Struct, frozen=True):
    """The open connections. If there are too many, the one that was used longest ago makes room for a new one.

    So a flood of connections ends its own ones, and not those of other clients.

    Args:
        limits: How many there may be.
        trusted_proxies: The addresses of proxies, each of which may use all connections.
    """

    limits: ConnectionLimits
    trusted_proxies: Collection[IPv4Network | IPv6Network] = ()
    _clients: dict[OpenConnection, str] = msgspec.field(default_factory=dict)
    """In the order of their last use."""

    def add(self, connection: OpenConnection, address: str) -> bool:
        """Add a connection. Return False if there are too many, and a request is being handled on each of them."""
        client = client_of(address)
        of_client = [other for other, its_client in self._clients.items() if its_client == client]
        if len(of_client) >= self.limits.per_client and not self._is_trusted(address):
            candidates = of_client
        else:
            candidates = list(self._clients) if len(self._clients) >= self.limits.total else []
        if candidates:
            unused = next((other for other in candidates if other.state is not State.HANDLING), None)
            if unused is None:
                return False
            self.remove(unused)
            unused.abort()
        self._clients[connection] = client
        return True

    def use(self, connection: OpenConnection) -> None:
        """Move a connection to the end of the order."""
        if connection in self._clients:
            self._clients[connection] = self._clients.pop(connection)

    def remove(self, connection: OpenConnection) -> None:
        """Remove a connection, if it was added."""
        self._clients.pop(connection, None)

    def _is_trusted(self, address: str) -> bool:
        return any(ip_address(address) in network for network in self.trusted_proxies)
