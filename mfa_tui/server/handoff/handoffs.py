"""Hand-offs: a terminal has a browser create or use a passkey, and fetches what the passkey has signed.

The browser's page knows the link's random id, and after opening the link a key of its own. It never gets a token: what
the passkey has signed is bound to the challenge of the terminal's session, and the terminal sends it.
"""

import re
import secrets
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mfa_tui.protocol import codec
from mfa_tui.protocol.handoffs import (
    VALID_SECONDS,
    AnswerHandoff,
    Ceremony,
    CreateHandoff,
    EndHandoff,
    FollowedHandoff,
    FollowHandoff,
    Handoff,
    HandoffProgress,
    HandoffState,
    OpenedHandoff,
    OpenHandoff,
)
from mfa_tui.protocol.models import CREDENTIAL_LINK, Message
from mfa_tui.protocol.passkeys import AuthenticatePasskey, CreationOptions, RegisterPasskey, RequestOptions
from mfa_tui.redaction import Secret
from mfa_tui.server import passkey_registry, passkeys, step_up
from mfa_tui.server.cleanup import delete_expired
from mfa_tui.server.context import RequestContext
from mfa_tui.server.keys import Keys
from mfa_tui.server.refusal import RefusalError, bad_request
from mfa_tui.server.store import Transaction

PAGE_PATH = "/handoff"

_ID_BYTES = 16
_CODE_LENGTH = 4
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Without vowels, so that no code is a word."""

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|\[::1\]|localhost)(?P<port>:[0-9]{1,5})?")

_MAX_USER_AGENT_LENGTH = 256

_ENDED_BY_BROWSER = {HandoffState.DECLINED, HandoffState.REOPENED}

_T = TypeVar("_T", bound=Message)


class _Row(msgspec.Struct, frozen=True):
    """A row of the table `handoffs`, with the user's address."""

    session: str
    link: bytes
    ceremony: Ceremony
    origin: str
    code: str
    terminal: str
    options: str
    state: HandoffState
    response: str | None
    user_agent: str | None
    expires_at: int
    email: str


_SELECT = (
    "SELECT session, link, ceremony, origin, code, terminal, options, state, response, user_agent, handoffs.expires_at,"
    " email FROM handoffs JOIN sessions ON sessions.id = session JOIN users ON users.number = user_number"
)


def create(context: RequestContext, request: CreateHandoff) -> Handoff:
    """`POST /users/passkeys/handoff`: Start a hand-off."""
    delete_expired(context.db, context.service.outbox)
    if request.ceremony == "register":
        # Before the browser makes a passkey, which nobody but its user could remove from the device again.
        step_up.require_step_up(context, CREDENTIAL_LINK, uses_up=False)
    origin = _origin(context)
    page = replace(context, headers={**context.headers, "origin": origin}, query={})
    options = passkeys.creation_options(page, None) if request.ceremony == "register" else _request_options(page)
    link, code = secrets.token_urlsafe(_ID_BYTES), "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    digest = _digest(context.service.keys, link)
    context.db.execute("DELETE FROM handoffs WHERE session = ?", context.session.id)
    context.db.execute(
        "INSERT INTO handoffs (session, link, ceremony, origin, code, terminal, options, state, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        context.session.id,
        digest,
        request.ceremony,
        origin,
        code,
        request.terminal,
        codec.encode(options).decode(),
        HandoffState.WAITING,
        context.db.now + VALID_SECONDS,
    )
    _send_notice(context, request)
    return Handoff(id=digest.hex(), url=Secret(f"{origin}{PAGE_PATH}#{link}"), code=code, seconds=VALID_SECONDS)


def read(context: RequestContext, _request: None) -> HandoffProgress:
    """`GET /users/passkeys/handoff`: Return the state of a hand-off, and what the passkey has signed."""
    row = _find_own(context, context.query.get("handoffId", ""))
    if row is None:
        return HandoffProgress(state=HandoffState.EXPIRED)
    return HandoffProgress(
        state=row.state,
        created=_decode(row.response, RegisterPasskey) if row.ceremony == "register" else UNSET,
        used=_decode(row.response, AuthenticatePasskey) if row.ceremony == "authenticate" else UNSET,
        user_agent=row.user_agent or UNSET,
    )


def end(context: RequestContext, request: EndHandoff) -> None:
    """`PUT /users/passkeys/handoff`: Tell the page how a hand-off ended."""
    row = _find_own(context, request.handoff_id)
    if row is None or row.state in _ENDED_BY_BROWSER:
        return
    context.db.execute("UPDATE handoffs SET state = ?, response = NULL WHERE session = ?", request.outcome, row.session)


def open_link(db: Transaction, keys: Keys, origin: str, request: OpenHandoff) -> OpenedHandoff | None:
    """`POST /handoff/open`: Open a link; None if it was opened before, which ends the hand-off.

    One of the two may be another person, who would add a passkey of their own.

    Raises:
        RefusalError: The link has expired, or the page is at another origin.
    """
    row = _find(db, "link", keys, request.link)
    if row is None:
        raise RefusalError(HTTPStatus.NOT_FOUND, "This link is unknown, has expired, or was replaced by a newer one.")
    if origin != row.origin:
        raise bad_request(f"Passkeys do not work at this address. Open the link as the terminal shows it: {row.origin}")
    key = secrets.token_urlsafe(_ID_BYTES)
    opened = db.execute(
        "UPDATE handoffs SET state = ?, page = ? WHERE session = ? AND state = ?",
        HandoffState.OPENED,
        _digest(keys, key),
        row.session,
        HandoffState.WAITING,
    )
    if opened != 1:
        query = "UPDATE handoffs SET state = ? WHERE session = ? AND state = ?"
        db.execute(query, HandoffState.REOPENED, row.session, HandoffState.OPENED)
        return None
    return OpenedHandoff(
        key=Secret(key),
        ceremony=row.ceremony,
        code=row.code,
        email=row.email,
        terminal=row.terminal,
        seconds=row.expires_at - db.now,
        creation_options=_decode(row.options, CreationOptions) if row.ceremony == "register" else UNSET,
        request_options=_decode(row.options, RequestOptions) if row.ceremony == "authenticate" else UNSET,
    )


def answer(db: Transaction, keys: Keys, user_agent: str, request: AnswerHandoff) -> FollowedHandoff:
    """`POST /handoff/answer`: Store what the passkey has signed for the terminal, once; or decline.

    Raises:
        RefusalError: It was answered or has expired.
    """
    row = _find(db, "page", keys, request.key)
    signed = request.created or request.used
    ceremony: Ceremony = "register" if request.created else "authenticate"
    if row is None or row.state is not HandoffState.OPENED or (signed and row.ceremony != ceremony):
        raise RefusalError(
            HTTPStatus.CONFLICT, "This was answered before, or has expired. Start again in the terminal."
        )
    state = HandoffState.ANSWERED if signed else HandoffState.DECLINED
    db.execute(
        "UPDATE handoffs SET state = ?, response = ?, user_agent = ? WHERE session = ?",
        state,
        codec.encode(signed).decode() if signed else None,
        user_agent[:_MAX_USER_AGENT_LENGTH] or None,
        row.session,
    )
    return FollowedHandoff(state=state)


def follow(db: Transaction, keys: Keys, request: FollowHandoff) -> FollowedHandoff:
    """`POST /handoff/state`: Return the state of a page's hand-off."""
    row = _find(db, "page", keys, request.key)
    return FollowedHandoff(state=HandoffState.EXPIRED if row is None else row.state)


def _find_own(context: RequestContext, handoff_id: str) -> _Row | None:
    """Return the session's hand-off if it has this id; another program of the session may have replaced it."""
    query = f"{_SELECT} WHERE session = ? AND handoffs.expires_at > ?"
    row = context.db.fetch_one(_Row, query, context.session.id, context.db.now)
    return row if row is not None and row.link.hex() == handoff_id else None


def _find(db: Transaction, column: str, keys: Keys, secret: str) -> _Row | None:
    """Return the hand-off with this link or page."""
    query = f"{_SELECT} WHERE handoffs.{column} = ? AND handoffs.expires_at > ?"
    return db.fetch_one(_Row, query, _digest(keys, secret), db.now)


def _digest(keys: Keys, secret: str) -> bytes:
    return keys.digest("handoff", secret.encode())


def _decode(text: str | None, kind: type[_T]) -> _T | UnsetType:
    return UNSET if text is None else codec.decode(text.encode(), kind)


def _origin(context: RequestContext) -> str:
    """Return the origin of the page: the operator's first one, or else this machine's.

    A program that serves the page itself names its own in the request's `Origin`.

    Raises:
        RefusalError: The service is reached by a name, and its operator names no origin.
    """
    if origin := context.headers.get("origin"):
        return origin
    if context.service.api.origins:
        return context.service.api.origins[0]
    host = _LOOPBACK.fullmatch(context.headers.get("host", ""))
    if host is None:
        raise bad_request("Passkeys need the service to be started with --origin and its https address.")
    return f"http://localhost{host['port'] or ''}"


def _request_options(page: RequestContext) -> RequestOptions:
    """Return the options with the passkeys that work on the page.

    Raises:
        RefusalError: The user has none that does.
    """
    options = passkeys.request_options(page, None)
    working = tuple(
        passkey.as_descriptor()
        for passkey in passkey_registry.owned(page)
        if urlsplit(passkey.origin).hostname == options.rp_id
    )
    if not working:
        raise bad_request(f"You have no passkey that works at {options.rp_id}.")
    return replace(options, allow_credentials=working)


def _send_notice(context: RequestContext, request: CreateHandoff) -> None:
    purpose = "add a passkey" if request.ceremony == "register" else "use a passkey"
    lines = (
        f"A terminal asks you to {purpose} in a browser.",
        f"It says that it is: {request.terminal}",
        "",
        "If this is not your terminal, do not use the link, even if somebody sends it to you: whoever is at that",
        "terminal would be signed in as you. They can read this mailbox: change its password.",
    )
    context.service.outbox.send_notice(context.db, context.user.email, "A terminal asks for a passkey", lines)
