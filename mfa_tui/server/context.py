"""The context of a request: the service, the transaction, the session and the request's own values."""

from collections.abc import Mapping
from typing import Self

import msgspec
from msgspec.structs import replace

from mfa_tui.redaction import Secret
from mfa_tui.server.keys import Keys
from mfa_tui.server.limits import RateLimiter
from mfa_tui.server.mail import Outbox
from mfa_tui.server.store import Transaction
from mfa_tui.server.tokens import Tokens
from mfa_tui.server.users import User


def bearer_token(headers: Mapping[str, str]) -> Secret | None:
    """Return the bearer token in a request's headers, or None if there is none (RFC 6750)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return Secret(token.strip()) if scheme.lower() == "bearer" else None


class ApiOptions(msgspec.Struct, frozen=True):
    """The operator's choices about the API."""

    origins: tuple[str, ...] = ()
    """The origins of web apps that may use passkeys, beside `http://localhost`."""
    requires_elevated_token: bool = False
    """Whether registering and deleting a method need an elevated token, as from the API version 2026-04-01."""


DEFAULT_API_OPTIONS = ApiOptions()


class ServiceContext(msgspec.Struct, frozen=True):
    """The parts of one service, which all requests share."""

    environment_id: str
    keys: Keys
    tokens: Tokens
    outbox: Outbox
    limiter: RateLimiter
    api: ApiOptions


class AuthenticatedSession(msgspec.Struct, frozen=True):
    """A valid session."""

    id: str
    user: User
    expires_at: int
    pending: bool
    """Whether its MFA challenge is pending."""
    created_at: int
    proved_at: int | None
    """When the user last proved a factor other than e-mail in it."""
    generation: int = 0
    """How often it was refreshed."""
    is_retiring: bool = False
    """Whether the token of the request is the one before the last refresh."""
    returned_set: bytes | None = None
    """Identifies the set of recovery codes that it was last shown."""


class RequestContext(msgspec.Struct, frozen=True):
    """The context of one request, inside its transaction."""

    service: ServiceContext
    db: Transaction
    headers: Mapping[str, str]
    query: Mapping[str, str]
    device_id: str
    authenticated: AuthenticatedSession | None
    address: str
    """The client's, as `limits.client_of` returns it."""

    @property
    def client(self) -> str:
        """A keyed digest of the client's address, which tells clients apart."""
        return self.service.keys.digest("client", self.address.encode()).hex()

    @property
    def token(self) -> Secret | None:
        """The bearer token of the request."""
        return bearer_token(self.headers)

    def with_session(self, session: AuthenticatedSession) -> Self:
        """Return a copy for this session."""
        return replace(self, authenticated=session)

    @property
    def session(self) -> AuthenticatedSession:
        """The session of the request. The table of operations says which requests need one."""
        if self.authenticated is None:
            msg = "a public operation has no session"
            raise TypeError(msg)
        return self.authenticated

    @property
    def user(self) -> User:
        """The user of the session."""
        return self.session.user
