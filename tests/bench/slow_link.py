"""A link to a server on this machine on which each round trip takes longer."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SlowLink:
    """Passes connections on to a port of this machine, and delays what clients send.

    Args:
        to: The port.
    """

    def __init__(self, to: int) -> None:
        self.delay = 0.0
        """Seconds that a round trip takes longer."""
        self.port = 0
        """The port of the link."""
        self._to = to

    @contextmanager
    def open(self) -> Iterator[None]:
        """Pass connections on, in a thread, until the context ends."""
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            server.close()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()

    async def _connect(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        await asyncio.gather(self._pass_on(client, to_server, self.delay), self._pass_on(server, to_client, 0))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await asyncio.sleep(delay)
                target.write(data)
                await target.drain()
        target.close()
