"""Challenges of passkey ceremonies: each is random, valid for five minutes and used up by the first attempt.

The API has no id for a challenge, so the one that the browser signed is looked up by its value.
"""

import secrets
from enum import StrEnum

import msgspec

from mfa_tui.protocol import codec
from mfa_tui.server.cleanup import delete_expired
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import bad_request
from mfa_tui.server.relying_party import RelyingParty

VALID_SECONDS = 300
"""WebAuthn level 2, section 15.1, recommends 300 to 600 seconds if the user is verified."""

_BYTES = 32


class Purpose(StrEnum):
    """The purpose of a challenge; the ceremony of the last two is the same."""

    REGISTER = "register"
    AUTHENTICATE = "authenticate"
    SIGN_IN = "signin"

    @property
    def client_data_type(self) -> str:
        """The `type` that the browser signs."""
        return "webauthn.create" if self is Purpose.REGISTER else "webauthn.get"


class _Challenge(msgspec.Struct, frozen=True):
    """A row of the table `passkey_challenges`."""

    purpose: Purpose
    origin: str
    rp_id: str
    session: str | None
    expires_at: int


class _ClientData(msgspec.Struct, frozen=True):
    """The data that the browser signs (WebAuthn level 2, section 5.8.1)."""

    type: str
    challenge: str
    origin: str


def create(context: RequestContext, purpose: Purpose, party: RelyingParty) -> str:
    """Return a new challenge, which only this session can use, or any client if the request has no session."""
    delete_expired(context.db, context.service.outbox)
    challenge = secrets.token_urlsafe(_BYTES)
    context.db.execute(
        "INSERT INTO passkey_challenges (challenge, purpose, origin, rp_id, session, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        challenge,
        purpose,
        party.origin,
        party.id,
        None if context.authenticated is None else context.session.id,
        context.db.now + VALID_SECONDS,
    )
    return challenge


def use_up(context: RequestContext, purpose: Purpose, client_data: str) -> tuple[str, RelyingParty]:
    """Use up the challenge in a browser's client data, and return it with the relying party that it was made for.

    Raises:
        RefusalError: The client data is not for this purpose, session and origin. The challenge is used up even so.
    """
    signed = _decode(client_data)
    challenge = context.db.fetch_one(
        _Challenge,
        "SELECT purpose, origin, rp_id, session, expires_at FROM passkey_challenges WHERE challenge = ?",
        signed.challenge,
    )
    deleted = context.db.execute("DELETE FROM passkey_challenges WHERE challenge = ?", signed.challenge)
    session = None if context.authenticated is None else context.session.id
    if (
        challenge is None
        or deleted != 1
        or challenge.expires_at <= context.db.now
        or (challenge.purpose, challenge.session) != (purpose, session)
    ):
        raise bad_request("The passkey challenge is unknown, was used, or has expired. Start again.", commits=True)
    if signed.type != purpose.client_data_type:
        raise bad_request("The passkey response is of another ceremony.", commits=True)
    if signed.origin != challenge.origin:
        raise bad_request("The passkey was used on a page at another origin.", commits=True)
    return signed.challenge, RelyingParty(challenge.origin, challenge.rp_id)


def _decode(client_data: str) -> _ClientData:
    try:
        return msgspec.json.decode(codec.base64url_decode(client_data), type=_ClientData)
    except (ValueError, msgspec.DecodeError):
        raise bad_request("The client data of the passkey is not as documented.") from None
