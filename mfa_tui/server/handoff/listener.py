"""A listener on this machine for the page of a hand-off, alive for one hand-off only. Imports uvicorn."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.types import ASGIApp

from mfa_tui.server.http_server import Server

_MAX_PORTS = 16
"""How many ports are tried."""

_LAST_REQUEST_SECONDS = 0.3
"""For how long the page may still ask for the end, if it is between two requests."""

_NO_IPV6 = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class _QuietServer(Server):
    """A server inside another program, whose signals it leaves alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def listen(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an app on a free port of this machine, and yield its origin, `http://localhost:PORT`.

    Raises:
        OSError: No port is free.
    """
    sockets = _sockets()
    port = sockets[0].getsockname()[1]
    is_listening = asyncio.Event()
    server = _QuietServer(app, is_listening.set)
    serving = asyncio.create_task(server.serve(sockets))
    try:
        await is_listening.wait()
        yield f"http://localhost:{port}"
        await asyncio.sleep(_LAST_REQUEST_SECONDS)
    finally:
        server.should_exit = True  # it responds to the requests that are under way first
        await serving
        for each in sockets:
            each.close()


def _sockets() -> list[socket.socket]:
    """Listen on one free port of 127.0.0.1 and, if this machine has it, of ::1.

    A browser may look for localhost at either: another program that answered at one of them would get the link.

    Raises:
        OSError: No port is free at both.
    """
    for _ in range(_MAX_PORTS):
        listening = socket.create_server(("127.0.0.1", 0))
        try:
            port = listening.getsockname()[1]
            return [listening, socket.create_server(("::1", port), family=socket.AF_INET6)]
        except OSError as error:
            if error.errno in _NO_IPV6:
                return [listening]
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
