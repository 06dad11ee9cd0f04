"""Checks the signed data of passkeys with `fido2` (WebAuthn level 2, sections 7.1 and 7.2).

Importing this module takes 150 ms, so only the requests that need it do. `fido2` does not look at the counter, nor at
replays: `passkeys` and `passkey_challenges` do.
"""

from typing import Any

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from fido2.cose import ES256, RS256
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from mfa_tui.protocol.passkeys import MAX_CREDENTIAL_ID_BYTES, AuthenticatePasskey, RegisterPasskey
from mfa_tui.server.relying_party import RelyingParty

ALGORITHMS: tuple[int, ...] = (ES256.ALGORITHM, RS256.ALGORITHM)
"""In the order of preference: what the vendor offers."""

_REJECTED = (
    ValueError,
    LookupError,
    TypeError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    UnsupportedAlgorithm,
)
"""What `fido2` raises for data that is not as documented, or whose signature is wrong."""


class InvalidPasskeyError(Exception):
    """The data of a passkey is not as documented, its signature is wrong, or a flag that it needs is missing."""


class Credential(msgspec.Struct, frozen=True):
    """A new passkey."""

    id: bytes
    data: bytes
    """The id and the public key, as the authenticator encodes them."""
    sign_count: int


def verify_registration(request: RegisterPasskey, challenge: str, party: RelyingParty) -> Credential:
    """Return the passkey that an authenticator has created. Its attestation is not verified: none is asked for.

    Raises:
        InvalidPasskeyError: The response is not valid.
    """
    response = {
        "clientDataJSON": request.response.client_data,
        "attestationObject": request.response.attestation_object,
    }
    try:
        created = _server(party).register_complete(_state(challenge), _credential(request.id, response))
    except _REJECTED:
        raise InvalidPasskeyError from None
    data = created.credential_data
    if data is None or len(data.credential_id) > MAX_CREDENTIAL_ID_BYTES or data.public_key.ALGORITHM not in ALGORITHMS:
        raise InvalidPasskeyError
    return Credential(data.credential_id, bytes(data), created.counter)


def verify_assertion(
    request: AuthenticatePasskey, challenge: str, party: RelyingParty, data: bytes, *, user_verified: bool
) -> int:
    """Check the signature of a passkey, and return its counter.

    Args:
        request: The authenticator's response.
        challenge: The challenge that it must have signed.
        party: The origin and the relying party that it must have signed.
        data: The stored data of the passkey.
        user_verified: Whether the authenticator must have verified the user, with a PIN for example.

    Raises:
        InvalidPasskeyError: The response is not valid.
    """
    response = {
        "clientDataJSON": request.response.client_data,
        "authenticatorData": request.response.authenticator_data,
        "signature": request.response.signature,
    }
    try:
        parsed = AuthenticationResponse.from_dict(_credential(request.id, response))
        state = _state(challenge, user_verified=user_verified)
        _server(party).authenticate_complete(state, [AttestedCredentialData(data)], parsed)
    except _REJECTED:
        raise InvalidPasskeyError from None
    return parsed.response.authenticator_data.counter


def _server(party: RelyingParty) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=party.id, name=party.id),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == party.origin,
    )


def _state(challenge: str, *, user_verified: bool = False) -> dict[str, Any]:
    required = UserVerificationRequirement.REQUIRED if user_verified else UserVerificationRequirement.PREFERRED
    return {"challenge": challenge, "user_verification": required}


def _credential(credential_id: str, response: dict[str, str]) -> dict[str, Any]:
    return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}
