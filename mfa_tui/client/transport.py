"""The transports of requests: the network, or an ASGI app in this process. The client treats both alike."""

import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from mfa_tui import sanitize
from mfa_tui.errors import UsageError

Transport = httpx.AsyncBaseTransport

AsgiMessage = MutableMapping[str, Any]
AsgiApp = Callable[
    [AsgiMessage, Callable[[], Awaitable[AsgiMessage]], Callable[[AsgiMessage], Awaitable[None]]],
    Awaitable[None],
]


def network(api_url: str) -> httpx.AsyncBaseTransport:
    """Return a transport to a server on the network. Blocks for about 50 ms, with TLS longer, to load certificates.

    Each request has a connection of its own: on one that is used again, a response that a gateway has duplicated would
    be taken for that of the next request, and codes that no longer work for the new ones.

    It uses the system's proxy for https, but not the one for http, which could read requests that are meant for
    this machine. It ignores `.netrc`: no credential but the session's is ever sent.

    Raises:
        UsageError: The address or the proxy cannot be used.
    """
    scheme, host = _scheme_and_host(api_url)
    proxy = getproxies().get("https") if scheme == "https" and not proxy_bypass(host) else None
    try:
        return httpx.AsyncHTTPTransport(
            verify=_tls_context(is_used=scheme == "https"),
            proxy=proxy,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
    except (httpx.InvalidURL, ValueError, ImportError):  # ImportError: SOCKS, for which httpx needs an extra
        raise UsageError(
            "The proxy that HTTPS_PROXY names cannot be used.",
            hint="Give one that starts with http:// or https://, or unset the variable.",
        ) from None


def _tls_context(*, is_used: bool) -> ssl.SSLContext:
    """Return a context that verifies certificates and names, and writes no keys.

    `ssl.create_default_context` would write them to the file that SSLKEYLOGFILE names. Without TLS, no certificate is
    loaded, which takes 25 ms: then it trusts none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if is_used:
        context.load_default_certs()
    return context


def _scheme_and_host(api_url: str) -> tuple[str, str]:
    try:
        url = httpx.URL(api_url)
        url.raw_host.decode().encode("idna")  # as the system's resolver encodes it
        return url.scheme, url.host
    except (httpx.InvalidURL, ValueError):
        raise UsageError(
            f"The service's address {sanitize.one_line(api_url, 200)} cannot be used.",
            hint="Give one such as https://app.dynamicauth.com/api/v0 with --api-url, or in the profile.",
        ) from None


def in_process(app: AsgiApp) -> httpx.AsyncBaseTransport:
    """Return a transport to an ASGI app in this process."""
    return httpx.ASGITransport(app=app)
