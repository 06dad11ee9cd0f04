"""The requests and responses about hand-offs, which the built-in service has beside the vendor's API.

A terminal has no authenticator. So it asks the service for a link, and a browser that opens the link creates or uses a
passkey. The terminal then fetches what the passkey has signed, and sends it as a web app would.
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from mfa_tui.protocol.models import Message, Request
from mfa_tui.protocol.passkeys import AuthenticatePasskey, CreationOptions, RegisterPasskey, RequestOptions
from mfa_tui.redaction import Secret

VALID_SECONDS = 120
"""How long a link works."""

Ceremony = Literal["register", "authenticate"]
"""Whether the browser creates a passkey or uses one."""


class HandoffState(StrEnum):
    """The progress of a hand-off."""

    WAITING = "waiting"
    """The link was not opened."""
    OPENED = "opened"
    REOPENED = "reopened"
    """The link was opened a second time, before an answer: one of the two may not be the user, so both ended."""
    ANSWERED = "answered"
    """The browser has sent what the passkey signed, and the terminal has not sent it yet."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The service did not accept it."""
    DECLINED = "declined"
    """The user of the browser did not see this code in a terminal."""
    ABANDONED = "abandoned"
    """The user of the terminal went back."""
    EXPIRED = "expired"
    """It is over, or was replaced by a newer one, or its session has ended; or the session has none with this id."""


Outcome = Literal["accepted", "refused", "abandoned"]
"""The states that the terminal sets."""


class CreateHandoff(Request, frozen=True, kw_only=True):
    """`POST /users/passkeys/handoff`: Start a hand-off, which replaces an earlier one of the session."""

    ceremony: Ceremony
    terminal: Annotated[str, Meta(min_length=1, max_length=80, pattern="^[ -~]+(?!\\n)$")]
    """The user and the machine of the terminal, as it names itself."""


class Handoff(Message, frozen=True, kw_only=True):
    """A new hand-off: the link for the browser, and the code that both show."""

    id: str
    """Names the hand-off, also in a URL that a proxy logs: unlike the link's id, it opens nothing."""
    url: Secret
    code: str
    seconds: Annotated[int, Meta(ge=0, le=3600)]
    """How long the link works."""


class HandoffProgress(Message, frozen=True, kw_only=True):
    """`GET /users/passkeys/handoff`: The state of a hand-off of the session, and what the passkey has signed."""

    state: HandoffState
    created: RegisterPasskey | UnsetType = UNSET
    used: AuthenticatePasskey | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    """The browser, of a passkey that it has created."""


class EndHandoff(Request, frozen=True, kw_only=True):
    """`PUT /users/passkeys/handoff`: Tell the page how the hand-off ended."""

    handoff_id: str
    outcome: Outcome


class OpenHandoff(Request, frozen=True, kw_only=True):
    """`POST /handoff/open`: Open a link, which works once; a second opening ends it."""

    link: str
    """The link's random id."""


class OpenedHandoff(Message, frozen=True, kw_only=True):
    """What the page shows, and the options for the browser."""

    key: Secret
    """Identifies the page: no other one can answer."""
    ceremony: Ceremony
    code: str
    email: str
    terminal: str
    seconds: int
    creation_options: CreationOptions | UnsetType = UNSET
    request_options: RequestOptions | UnsetType = UNSET


class AnswerHandoff(Request, frozen=True, kw_only=True):
    """`POST /handoff/answer`: Send what the passkey has signed; neither of the two declines."""

    key: str
    created: RegisterPasskey | UnsetType = UNSET
    used: AuthenticatePasskey | UnsetType = UNSET


class FollowHandoff(Request, frozen=True, kw_only=True):
    """`POST /handoff/state`: Wait for the state to change."""

    key: str
    state: HandoffState


class FollowedHandoff(Message, frozen=True, kw_only=True):
    """The state of the page's hand-off."""

    state: HandoffState
