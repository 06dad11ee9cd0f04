"""A listener on this machine for the page of a hand-off, alive for one hand-off only. Imports uvicorn."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from starlette.types import ASGIApp

from mfa_tui.server.http_server import Server


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
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    sockets = [listening]
    # A browser may look for localhost at ::1 first: no other program must answer there.
    with suppress(OSError):
        sockets.append(socket.create_server(("::1", port), family=socket.AF_INET6))
    is_listening = asyncio.Event()
    server = _QuietServer(app, is_listening.set)
    serving = asyncio.create_task(server.serve(sockets))
    try:
        await is_listening.wait()
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True  # it responds to the requests that are under way first
        await serving
        for each in sockets:
            each.close()
