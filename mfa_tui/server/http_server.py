"""The service over HTTP: uvicorn, told not to wait for ever and not to log what is called."""

import asyncio
import socket
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from pathlib import Path

import h11
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

SLOWEST_HEADERS_SECONDS = 10.0
"""How long a request's headers may take to arrive; how long its body may, `body` says."""

STOP_SECONDS = 15
"""How long a stop waits for requests in flight: longer than the slowest of them."""

_MOST_CONNECTIONS = 500
"""Half of the 1024 open files that a process may have by default."""


class TimeoutProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, but not for a client that trickles its headers: uvicorn would wait for it for ever."""

    _deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        """Wait for the first request's headers."""
        super().connection_made(transport)
        # asyncio does this for the sockets it makes itself. Without it an answer's body waits 40 ms for the client to
        # acknowledge its head (RFC 896 against RFC 1122 section 4.2.3.2).
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for headers that began to come; stop waiting for those that are complete."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SLOWEST_HEADERS_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class ProxyHeaders:
    """An ASGI app that takes the client's address from the proxy in front.

    That is the last one of `X-Forwarded-For`: those before it are what the client says of itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        for name, value in scope.get("headers", ()):
            if name == b"x-forwarded-for":
                scope["client"] = (value.decode("latin-1").rpartition(",")[2].strip(), 0)
        await self._app(scope, receive, send)


class Server(uvicorn.Server):
    """An HTTP server for one ASGI app.

    Args:
        app: The app.
        certificate: The certificate chain and its key, as PEM files, where TLS is wanted.
        announce: Called once, when connections are accepted.

    Raises:
        OSError: The certificate or the key cannot be used; `ssl.SSLError` is one.
    """

    def __init__(self, app: ASGIApp, certificate: tuple[Path, Path] | None, announce: Callable[[], None]) -> None:
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
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=chain,
            ssl_keyfile=key,
        )
        config.load()
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        self._announce()

    def run_on(self, listening: socket.socket) -> None:
        """Answer requests until a signal says to stop, then those that are in flight."""
        asyncio.run(self.serve([listening]))
