"""The relying party of a passkey: the page's origin, and the domain that the passkey belongs to.

A passkey works on the pages of one domain only. The service allows pages at `http://localhost`, on any port, and at the
origins that its operator names.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from mfa_tui.server.refusal import RefusalError, bad_request

_LOCALHOST = r"http://localhost(:[0-9]{1,5})?"
_HTTPS = r"https://(?P<host>[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}|localhost)(:[0-9]{1,5})?"


class RelyingParty(msgspec.Struct, frozen=True):
    """The origin of a page, and the id under which its passkeys are stored."""

    origin: str
    id: str


def is_origin(text: str) -> bool:
    """Return whether an operator can name this: `https://`, a host name and no path. Browsers refuse an IP address."""
    found = re.fullmatch(_HTTPS, text)
    return found is not None and not _is_address(found["host"])


def find(headers: Mapping[str, str], origins: tuple[str, ...], related_id: str | None = None) -> RelyingParty:
    """Return the relying party of the page that sent a request.

    A browser sends no `Origin` with a GET request to the page's own origin; then `Referer` or `Host` says it.

    Args:
        headers: The request's headers.
        origins: The origins that the operator names.
        related_id: The id that the page asks for, if it is not its own host: a parent domain, or the host of another
            origin that the operator names (https://passkeys.dev/docs/advanced/related-origins/).

    Raises:
        RefusalError: Passkeys cannot be used on the page, or not with that id.
    """
    origin = headers.get("origin") or _of_url(headers.get("referer", "")) or _of_host(headers.get("host", ""), origins)
    if origin not in origins and not re.fullmatch(_LOCALHOST, origin):
        raise _not_allowed(origin)
    host = _host(origin)
    if related_id is None or related_id == host:
        return RelyingParty(origin, host)
    is_parent = "." in related_id and host.endswith(f".{related_id}")
    if not is_parent and related_id not in {_host(named) for named in origins}:
        raise bad_request("relatedOriginRpId is neither a parent domain of the page nor the host of a known origin.")
    return RelyingParty(origin, related_id)


def _of_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _of_host(host: str, origins: tuple[str, ...]) -> str:
    return next((origin for origin in origins if origin == f"https://{host}"), f"http://{host}")


def _host(origin: str) -> str:
    return origin.partition("://")[2].partition(":")[0]


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _not_allowed(origin: str) -> RefusalError:
    if _is_address(re.sub(r":\d+$", "", origin.partition("://")[2])):
        return bad_request("Passkeys do not work on a page at an IP address. Open it at http://localhost instead.")
    return bad_request(
        "Passkeys work on pages at http://localhost, and on those that the service is started with: --origin."
    )
