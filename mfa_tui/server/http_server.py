"""The service over HTTP: uvicorn with time limits and without an access log."""

import socket
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from pathlib import Path

import h11
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_TIMEOUT = 10.0
"""How long a request's headers may take to arrive, in seconds; `body.BODY_TIMEOUT` is for its body."""

SHUTDOWN_TIMEOUT = 15
"""How long a shutdown waits for requests in progress, in seconds: longer than the slowest request takes."""

_MAX_CONNECTIONS = 500
"""Half of the 1024 open files that a process may have by default."""


class TimeoutProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, with a time limit for headers, for which uvicorn waits forever."""

    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        """Start the time limit for the first request's headers."""
        super().connection_made(transport)
        # asyncio does this for the sockets that it creates. Without it, a response's body waits 40 ms until the client
        # acknowledges its headers (Nagle's algorithm, RFC 896, and delayed ACKs, RFC 1122 section 4.2.3.2).
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Start the time limit if headers are incomplete, and stop it if they are complete."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start_timer()
        else:
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time limit."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEADERS_TIMEOUT, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class ProxyHeaders:
    """ASGI middleware that takes the client's address from the last entry of `X-Forwarded-For`.

    The proxy adds that entry; a client can send the others. uvicorn's ProxyHeadersMiddleware takes the first entry if
    the proxy's address is not configured.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        for name, value in scope.get("headers", ()):
            if name == b"x-forwarded-for":
                scope["client"] = (value.decode("latin-1").rpartition(",")[2].strip(), 0)
        await self._app(scope, receive, send)


class Server(uvicorn.Server):
    """An HTTP server for one ASGI app.

    Args:
        app: The app.
        certificate: The certificate chain and its key, as PEM files, for TLS.
        on_listening: Called when the server accepts connections.

    Raises:
        OSError: The certificate or the key cannot be used; `ssl.SSLError` is one.
    """

    def __init__(self, app: ASGIApp, certificate: tuple[Path, Path] | None, on_listening: Callable[[], None]) -> None:
        chain, key = certificate or (None, None)
        config = uvicorn.Config(
            app,
            http=TimeoutProtocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MAX_CONNECTIONS,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
            ssl_certfile=chain,
            ssl_keyfile=key,
        )
        config.load()
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then call `on_listening`."""
        await super().startup(sockets)
        self._on_listening()
