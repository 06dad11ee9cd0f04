"""The service over HTTP: uvicorn without an access log, with limits on connections."""

import socket
import ssl
from collections.abc import Callable, Collection
from ipaddress import IPv4Network, IPv6Network
from math import ceil
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from mfa_tui.server.connection_table import ConnectionLimits, ConnectionTable
from mfa_tui.server.connections import ConnectionConfig


class Server(uvicorn.Server):
    """An HTTP server for one ASGI app.

    Args:
        app: The app.
        on_listening: Called when the server accepts connections.
        certificate: The certificate chain and its key, as PEM files, for TLS.
        trusted_proxies: The addresses of the proxies that may say in `X-Forwarded-For` for which client a request is.
        limits: The limits of connections.

    Raises:
        OSError: The certificate or the key cannot be used; `ssl.SSLError` is one.
    """

    def __init__(
        self,
        app: ASGIApp,
        on_listening: Callable[[], None],
        *,
        certificate: tuple[Path, Path] | None = None,
        trusted_proxies: Collection[IPv4Network | IPv6Network] = (),
        limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - frozen
    ) -> None:
        tls = None
        if certificate is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(*certificate)
        config = ConnectionConfig(
            app,
            tls,
            ConnectionTable(limits, trusted_proxies),
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            # uvicorn's middleware takes the last address that is not a trusted proxy's: the one that the proxy added.
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=[str(network) for network in trusted_proxies],
            server_header=False,
            timeout_graceful_shutdown=ceil(limits.handling),
        )
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then call `on_listening`."""
        await super().startup(sockets)
        self._on_listening()
