"""The HTTP connections of `mfa-tui serve`: how long a client may keep each one waiting, and its TLS handshake.

uvicorn waits for a client without a limit in most states of a connection, and counts a connection after its TLS
handshake only.
"""

import ssl
from asyncio import Task, TimerHandle, Transport
from contextlib import suppress
from http import HTTPStatus
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from mfa_tui.server.connection_table import ConnectionTable, State
from mfa_tui.server.refusal import RefusalError, bad_request
from mfa_tui.server.strict_parser import StrictParser


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


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with a time limit for every state, and with the TLS handshake as one of them."""

    config: ConnectionConfig
    state: State | None = None
    """None until it is connected, and between two requests."""
    _tcp: Transport
    _deadline: float
    """When the state has lasted too long."""
    _timer: TimerHandle | None = None
    """Looks at the deadline, which may be later by then: so a request needs no timer of its own."""
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
        self._deadline = self.loop.time() + self.config.table.limits.timeout(state)
        if self._timer is not None and self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = None
        self._timer = self._timer or self.loop.call_at(self._deadline, self._end_state, self._deadline)

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

    def _end_state(self, deadline: float) -> None:
        """End the connection if it was in its state for too long."""
        self._timer = None
        if deadline < self._deadline:
            self._timer = self.loop.call_at(self._deadline, self._end_state, self._deadline)
            return
        match self.state:
            case State.SENDING if self._find_state() is not State.SENDING:
                self._update_state()  # under TLS no method is called when the client has read everything
            case State.BODY:
                self._refuse(RefusalError(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time."))
            case State.HEADERS | State.ANSWERED | State.IDLE:
                self._close()
            case _:
                self.abort()
