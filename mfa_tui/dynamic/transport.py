"""How requests travel: over the network, or to an ASGI app in this process. The client cannot tell which."""

import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from mfa_tui.errors import UsageError

Transport = httpx.AsyncBaseTransport

AsgiMessage = MutableMapping[str, Any]
AsgiApp = Callable[
    [AsgiMessage, Callable[[], Awaitable[AsgiMessage]], Callable[[AsgiMessage], Awaitable[None]]],
    Awaitable[None],
]


def network(api_url: str) -> httpx.AsyncBaseTransport:
    """Return a transport to a server on the network. Blocks for about 50 ms, loading certificates.

    The system's proxy settings are honoured, `.netrc` is not: no credential but the session's is ever sent.

    Raises:
        UsageError: The proxy is not one that can be used.
    """
    url = httpx.URL(api_url)
    proxy = None if proxy_bypass(url.host) else getproxies().get(url.scheme)
    try:
        return httpx.AsyncHTTPTransport(verify=ssl.create_default_context(), proxy=proxy)
    except (httpx.InvalidURL, ValueError, ImportError):  # ImportError: SOCKS, which httpx takes an extra for
        raise UsageError(
            f"The proxy that {url.scheme.upper()}_PROXY names cannot be used.",
            next_step="Give one that starts with http:// or https://, or unset the variable.",
        ) from None


def in_process(app: AsgiApp) -> httpx.AsyncBaseTransport:
    """Return a transport to an ASGI app in this process."""
    return httpx.ASGITransport(app=app)
