"""One call while it is being answered: what it may use, who makes it, what it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from msgspec import UNSET, UnsetType

from mfa_tui.redaction import Secret
from mfa_tui.server.entropy import Entropy
from mfa_tui.server.keys import Keys
from mfa_tui.server.limits import RateLimiter
from mfa_tui.server.mail import Outbox
from mfa_tui.server.store import Transaction
from mfa_tui.server.tokens import Tokens


class Factor(StrEnum):
    """By what a session was last proved to be the user's."""

    EMAIL = "email"
    RECOVERY = "recovery"
    TOTP = "totp"


@dataclass(frozen=True)
class ServiceContext:
    """What one service consists of, the same for all calls."""

    environment_id: str
    keys: Keys
    tokens: Tokens
    outbox: Outbox
    entropy: Entropy
    limiter: RateLimiter


@dataclass(frozen=True)
class User:
    """A user, as the database has it. `number` is the database's own."""

    number: int
    id: str
    email: str
    credential_id: str
    acknowledgement: str | None


@dataclass(frozen=True)
class AuthenticatedSession:
    """A session that is good now. `pending` says that its MFA challenge is not passed yet."""

    id: str
    user: User
    expires_at: int
    pending: bool
    factor: Factor


@dataclass(frozen=True)
class IssuedTokens:
    """The tokens that a call gives beside the session's own."""

    mfa_token: Secret | UnsetType = UNSET
    elevated_access_token: Secret | None = None


@dataclass(frozen=True)
class RequestContext:
    """A call that is being answered, inside its transaction."""

    service: ServiceContext
    db: Transaction
    headers: Mapping[str, str]
    query: Mapping[str, str]
    device_id: str
    caller: AuthenticatedSession | None

    def made_by(self, session: AuthenticatedSession) -> Self:
        """Return the call as one that this session makes."""
        return replace(self, caller=session)

    @property
    def session(self) -> AuthenticatedSession:
        """The session that calls; the table of calls says which calls need one."""
        if self.caller is None:
            msg = "a call that is open to anyone asked who is calling"
            raise TypeError(msg)
        return self.caller

    @property
    def user(self) -> User:
        """The user who calls."""
        return self.session.user
