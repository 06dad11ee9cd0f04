"""The requests and responses about passkeys: the JSON of WebAuthn level 2, as Dynamic's SDK API carries it.

Binary values are base64url without padding. A browser's own fields pass through the SDK, and a newer browser sends more
of them, so these requests may have unknown fields.
Source: the API models and requests of `@dynamic-labs-sdk/client` 1.27.1.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from mfa_tui.protocol.models import FactorRequest, Message, Request, UserPasskey

MAX_CREDENTIAL_ID_BYTES = 1023
"""Source: WebAuthn level 2, section 7.1, step 17 of its errata, and CTAP 2.1 section 6.1."""

Base64Url = Annotated[str, Meta(max_length=32_768, pattern="^[A-Za-z0-9_-]+(?!\\n)$")]

Transports = Annotated[
    tuple[Annotated[str, Meta(pattern="^[a-z-]{1,32}(?!\\n)$")], ...],
    Meta(max_length=8),
]
"""The ways in which a browser reaches an authenticator, such as `usb` or `internal`."""

UserVerification = Literal["required", "preferred", "discouraged"]


class _ClientData(Message, frozen=True, kw_only=True):
    """Base of an authenticator's responses. The SDK spells `clientDataJSON` in two ways, one for each ceremony."""

    client_data_json: Base64Url | UnsetType = field(name="clientDataJSON", default=UNSET)
    client_data_json_camel: Base64Url | UnsetType = field(name="clientDataJson", default=UNSET)

    @property
    def client_data(self) -> str:
        """The client data, or an empty string if it is missing."""
        given = (self.client_data_json, self.client_data_json_camel)
        return next((text for text in given if isinstance(text, str)), "")


class AttestationResponse(_ClientData, frozen=True, kw_only=True):
    """An authenticator's response to the creation of a credential."""

    attestation_object: Base64Url
    transports: Transports = ()


class AssertionResponse(_ClientData, frozen=True, kw_only=True):
    """An authenticator's response to the use of a credential."""

    authenticator_data: Base64Url
    signature: Base64Url
    user_handle: Base64Url | UnsetType | None = UNSET


class RegisterPasskey(FactorRequest, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`POST /users/passkeys/register`: Register a passkey that the browser has created."""

    id: Base64Url
    response: AttestationResponse


class AuthenticatePasskey(FactorRequest, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`POST /users/mfa/auth/passkey` and `/users/passkeys/signin`: Use a passkey."""

    id: Base64Url
    response: AssertionResponse


class DeletePasskey(Request, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`DELETE /users/passkeys`: Delete a passkey."""

    passkey_id: str


class RenamePasskey(Request, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`PUT /users/passkeys`: Give a passkey another name, or none."""

    id: str
    alias: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET


class CredentialDescriptor(Message, frozen=True, kw_only=True):
    """A credential that the browser may use, or may not create again."""

    id: str
    type: Literal["public-key"] = "public-key"
    transports: tuple[str, ...] | UnsetType = UNSET


class CredentialParameters(Message, frozen=True, kw_only=True):
    """A signature algorithm of COSE (RFC 9053)."""

    alg: int
    type: Literal["public-key"] = "public-key"


class RelyingPartyEntity(Message, frozen=True, kw_only=True):
    """The service, as the browser names it."""

    id: str
    name: str


class UserEntity(Message, frozen=True, kw_only=True):
    """The user, as the authenticator lists it."""

    id: str
    name: str
    display_name: str


class AuthenticatorSelection(Message, frozen=True, kw_only=True):
    """The kind of authenticator: one that stores the passkey, so that it can be used to sign in."""

    resident_key: Literal["required"] = "required"
    require_resident_key: bool = True
    user_verification: UserVerification = "preferred"


class CreationOptions(Message, frozen=True, kw_only=True):
    """`GET /users/passkeys/register`: The options of `navigator.credentials.create`."""

    attestation: Literal["none"] = "none"
    authenticator_selection: AuthenticatorSelection = AuthenticatorSelection()
    challenge: str
    exclude_credentials: tuple[CredentialDescriptor, ...]
    pub_key_cred_params: tuple[CredentialParameters, ...]
    rp: RelyingPartyEntity
    timeout: int
    user: UserEntity


class RequestOptions(Message, frozen=True, kw_only=True):
    """The options of `navigator.credentials.get`. Chromium raises a TypeError if `allowCredentials` is null."""

    challenge: str
    timeout: int
    rp_id: str
    user_verification: UserVerification
    allow_credentials: tuple[CredentialDescriptor, ...] | UnsetType = UNSET


class UserPasskeys(Message, frozen=True, kw_only=True):
    """`GET /users/passkeys`: The user's passkeys."""

    count: int
    passkeys: tuple[UserPasskey, ...]
