"""The HTTP connections of `mfa-tui serve`: how many there may be, and how long a client may keep each one waiting.

uvicorn waits for a client without a limit in most states of a connection, and counts a connection after its TLS
handshake only.
"""

import re
import ssl
from asyncio import Task, TimerHandle, Transport
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from mfa_tui.server.limits import client_of
from mfa_tui.server.refusal import RefusalError, bad_request

_BLANK_LINE = re.compile(rb"\n\r?\n")
_BARE_LF = re.compile(rb"(?<!\r)\n")


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


@dataclass(frozen=True, kw_only=True)
class ConnectionLimits:
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


@dataclass(frozen=True)
class ConnectionTable:
    """The open connections. If there are too many, the one that was used longest ago makes room for a new one.

    So a flood of connections ends its own ones, and not those of other clients.

    Args:
        limits: How many there may be.
        trusted_proxies: The addresses of proxies, each of which may use all connections.
    """

    limits: ConnectionLimits
    trusted_proxies: Collection[IPv4Network | IPv6Network] = ()
    _clients: "dict[Connection, str]" = field(default_factory=dict)
    """In the order of their last use."""

    def add(self, connection: "Connection", address: str) -> bool:
        """Add a connection. Return False if there are too many, and a request is being handled on each of them."""
        client = client_of(address)
        rivals = [other for other, its_client in self._clients.items() if its_client == client]
        if len(rivals) < self.limits.per_client or self._is_trusted(address):
            rivals = list(self._clients) if len(self._clients) >= self.limits.total else []
        if rivals:
            unused = next((other for other in rivals if other.state is not State.HANDLING), None)
            if unused is None:
                return False
            self.remove(unused)
            unused.abort()
        self._clients[connection] = client
        return True

    def use(self, connection: "Connection") -> None:
        """Move a connection to the end of the order."""
        if connection in self._clients:
            self._clients[connection] = self._clients.pop(connection)

    def remove(self, connection: "Connection") -> None:
        """Remove a connection, if it was added."""
        self._clients.pop(connection, None)

    def _is_trusted(self, address: str) -> bool:
        return any(ip_address(address) in network for network in self.trusted_proxies)


class ConnectionConfig(uvicorn.Config):
    """uvicorn's configuration, with what `Connection` needs.

    Args:
        app: The app.
        tls: The settings of TLS, or None for plain HTTP.
        table: The open connections.
        options: uvicorn's own.
    """

    def __init__(self, app: ASGIApp, tls: ssl.SSLContext | None, table: ConnectionTable, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(app, http=Connection, **options)
        self.tls = tls
        self.table = table


class StrictParser(h11.Connection):
    """h11's parser, without two tolerances with which a proxy could disagree about where a request ends.

    RFC 9112 allows to refuse both: a line that ends in LF alone (section 2.2), and two lengths (section 6.1).
    """

    def next_event(self) -> Any:  # noqa: ANN401 - as in h11 itself
        """Return the next event.

        Raises:
            h11.RemoteProtocolError: The request is not valid.
        """
        if self.their_state is h11.IDLE:
            received, _ = self.trailing_data
            end = _BLANK_LINE.search(received)
            if _BARE_LF.search(received, 0, end.end() if end else len(received)):
                msg = "a line ends in LF alone"
                raise h11.RemoteProtocolError(msg)
        event = super().next_event()
        if isinstance(event, h11.Request) and {b"content-length", b"transfer-encoding"} <= {
            name for name, _ in event.headers
        }:
            msg = "both Content-Length and Transfer-Encoding"
            raise h11.RemoteProtocolError(msg)
        return event


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with a time limit for every state, and with the TLS handshake as one of them."""

    config: ConnectionConfig
    state: State | None = None
    """None until it is connected, and between two requests."""
    _tcp: Transport
    _timer: TimerHandle | None = None
    _handshake: Task[None] | None = None

    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(**arguments)
        self.conn = StrictParser(h11.SERVER)
        self._speaks_http = False
        """Whether the TLS handshake, if there is one, is over."""
        self._early_data = b""
        """Data that arrived together with the end of the handshake."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        """Start the handshake, or wait for the first request."""
        self._tcp = transport
        self.connections.add(self)
        # asyncio does this for the sockets that it creates. Without it, a response's body waits 40 ms until the client
        # acknowledges its headers (Nagle's algorithm, RFC 896, and delayed ACKs, RFC 1122 section 4.2.3.2).
        transport.get_extra_info("socket").setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        has_room = self.config.table.add(self, transport.get_extra_info("peername")[0])
        if self.config.tls is None:
            self._start_http(transport)
            if not has_room:
                self._refuse(RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests at once. Try again."))
        elif has_room:
            transport.pause_reading()
            self._set_state(State.HANDSHAKE)
            self._handshake = self.loop.create_task(self._start_tls(self.config.tls))
        else:
            self.abort()

    async def _start_tls(self, tls: ssl.SSLContext) -> None:
        if self._tcp.is_closing():
            return  # aborted already; asyncio would allocate 256 KiB for the handshake
        with suppress(OSError):
            transport = await self.loop.start_tls(self._tcp, self, tls, server_side=True)
            if transport is not None:  # None if the connection was aborted
                self._start_http(transport)
                if self._early_data:
                    self.data_received(self._early_data)
        if not self._speaks_http:
            self.connection_lost(None)

    def _start_http(self, transport: Transport) -> None:
        self._speaks_http = True
        super().connection_made(transport)
        self._update_state()

    def data_received(self, data: bytes) -> None:
        """Handle data from the client."""
        if self._speaks_http:
            super().data_received(data)
            self._update_state()
        else:
            self._early_data += data

    def eof_received(self) -> None:
        """Close the connection: the client sends nothing more."""
        super().eof_received()
        self._set_state(State.CLOSING)

    def pause_writing(self) -> None:
        """Wait until the client reads."""
        super().pause_writing()
        self._update_state()

    def resume_writing(self) -> None:
        """Continue, because the client reads."""
        super().resume_writing()
        self._update_state()

    def on_response_complete(self) -> None:
        """Wait for the next request, or handle it if it has arrived already."""
        self.state = None  # each request has its own time
        super().on_response_complete()
        self._update_state()
        self.config.table.use(self)

    def timeout_keep_alive_handler(self) -> None:
        """Do nothing, because the state `IDLE` has its own time limit."""

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that is not valid HTTP."""
        self._refuse(bad_request(msg))

    def shutdown(self) -> None:
        """Close the connection after its request, if there is one."""
        if self._speaks_http:
            super().shutdown()
            self._update_state()
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time limit, and make room for another connection."""
        if self._timer is not None:
            self._timer.cancel()
        self.config.table.remove(self)
        if self._speaks_http:
            super().connection_lost(exc)
        else:
            self.connections.discard(self)

    def abort(self) -> None:
        """End the connection at once."""
        self._tcp.abort()

    def _refuse(self, refusal: RefusalError) -> None:
        """Send an error response, unless another response has been started, and close the connection."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            headers = [("content-type", "application/json"), ("connection", "close")]
            for event in (
                h11.Response(status_code=refusal.status, headers=headers, reason=refusal.status.phrase),
                h11.Data(data=refusal.body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            self.cycle.disconnected = True  # the app's own response would be a second one
            self.cycle.message_event.set()
        self._close()

    def _close(self) -> None:
        self.transport.close()
        self._update_state()

    def _update_state(self) -> None:
        self._set_state(self._find_state())

    def _set_state(self, state: State) -> None:
        """Enter a state, and start its time limit."""
        if state is self.state:
            return
        self.state = state
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(self.config.table.limits.timeout(state), self._end_state)

    def _find_state(self) -> State:
        if self.transport.is_closing():
            return State.CLOSING
        if self.flow.write_paused or self._tcp.get_write_buffer_size():
            return State.SENDING
        is_answered = self.cycle is not None and self.cycle.response_complete
        match self.conn.their_state:
            case h11.IDLE:
                return State.IDLE if is_answered and self.conn.trailing_data == (b"", False) else State.HEADERS
            case h11.SEND_BODY:
                return State.ANSWERED if is_answered else State.BODY
            case _:
                return State.HANDLING

    def _end_state(self) -> None:
        """End the connection if it was in its state for too long."""
        match self.state:
            case State.SENDING if self._find_state() is not State.SENDING:
                self._update_state()  # under TLS no method is called when the client has read everything
            case State.BODY:
                self._refuse(RefusalError(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time."))
            case State.HEADERS | State.ANSWERED | State.IDLE:
                self._close()
            case _:
                self.abort()
