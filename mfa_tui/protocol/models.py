"""The requests and responses of Dynamic's SDK API, as far as recovery codes and MFA need it.

Names are the vendor's: snake case here, camel case in JSON. If a field has no value, it is absent from the JSON if its
default is `UNSET`, and `null` if its default is `None`, as in the vendor's API.
Source: the API models and requests of `@dynamic-labs-sdk/client` 1.27.1, and the vendor's public docs.
"""

import re
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from mfa_tui.redaction import Secret

REQUIRES_ADDITIONAL_AUTH = "requiresAdditionalAuth"
"""The scope of a session with a pending MFA challenge."""

DEVICE_REGISTER = "device:register"
"""The scope of a session that requires the registration of its device."""

CREDENTIAL_LINK: Final = "credential:link"
"""The scope of an elevated token that allows registering a second factor."""

CREDENTIAL_UNLINK: Final = "credential:unlink"
"""The scope of an elevated token that allows deleting a factor."""

MFA_TOKEN_HEADER = "x-mfa-auth-token"  # noqa: S105 - a header's name
ELEVATED_TOKEN_HEADER = "x-dyn-elevated-access-token"  # noqa: S105 - a header's name
REQUEST_ID_HEADER = "x-dyn-request-id"
VERSION_HEADER = "x-dyn-version"

IDEMPOTENCY_HEADER = "x-mfa-tui-idempotency"
"""A response header of the built-in service: for this many seconds, a changing request of a session that arrives again
with the same `x-dyn-request-id` is answered with the response to the first one. The hosted service does not send it."""

IDEMPOTENCY_SECONDS = 24 * 3600

TokenScope = Literal[
    "business_account:link_wallet",
    "business_account:member:add",
    "business_account:member:remove",
    "business_account:member:role:update",
    "business_account:signer:add",
    "business_account:signer:remove",
    "business_account:transfer_ownership",
    "business_account:wallet:remove",
    "console:admin_action:review",
    "console:approval_workflow:update",
    "console:member:invite",
    "console:mfa:reset",
    "console:project:delete",
    "console:settings:update",
    "console:sso:update",
    "console:user:delete",
    "credential:link",
    "credential:update",
    "credential:unlink",
    "user:update",
    "user:delete",
    "wallet:export",
    "wallet:delete",
    "wallet:delegate",
    "wallet:sign",
    "wallet:restore",
]
"""The scope of an elevated token: the action that it allows."""

RequestedScopes = Annotated[tuple[TokenScope, ...], Meta(max_length=16)]

SET_SIZE = 10
"""How many recovery codes a new set has. Source: the vendor's docs."""

UnixTime = Annotated[int, Meta(ge=0, lt=253_402_300_800)]
"""Unix seconds, up to the year 9999: a later time has no date in Python."""

EmailAddress = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*(?!\n)$",
    ),
]
"""An address as HTML's input of type email accepts it, without the quoted forms of RFC 5322, and of the length that
SMTP allows (RFC 5321, erratum 1690). Python's `$` alone would accept a line feed at the end, which would end a mail
header."""

_SENDABLE = re.compile(r"[!-~]*")


class Message(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of requests and responses."""


class Request(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of requests."""


class MfaTokenRequest(Request, frozen=True, kw_only=True):
    """Requests an MFA token: single-use and valid for 300 s, or time-bound for 600 s."""

    single_use: bool


class FactorRequest(Request, frozen=True, kw_only=True):
    """Base of the requests that complete a pending challenge."""

    create_mfa_token: MfaTokenRequest | UnsetType = UNSET
    requested_scopes: RequestedScopes | UnsetType = UNSET


class AuthenticateRecoveryCode(FactorRequest, frozen=True, kw_only=True):
    """`POST /users/mfa/auth/recovery`: Use a recovery code."""

    code: Secret


class AuthenticateTotp(FactorRequest, frozen=True, kw_only=True):
    """`POST /users/mfa/auth/totp`: Use a TOTP code, of the default device if `id` is not set."""

    code: Secret
    id: str | UnsetType = UNSET


class ConfirmTotp(Request, frozen=True, kw_only=True):
    """`POST /users/mfa/register/totp`: Verify a registered authenticator app with its first code."""

    type: Literal["totp"]
    code: Secret


class UpdateMfaDevice(Request, frozen=True, kw_only=True):
    """`PUT /users/mfa/{deviceId}`: Make a device the default one. The SDK sends no body."""

    default: bool = True


class CreateEmailVerification(Request, frozen=True, kw_only=True):
    """`POST /emailVerifications/create`: Send a code to an address."""

    email: EmailAddress
    captcha_token: str | UnsetType = UNSET


class RetryEmailVerification(Request, frozen=True, kw_only=True):
    """`POST /emailVerifications/retry`: Send a new code."""

    email: EmailAddress
    verification_uuid: str = field(name="verificationUUID")


class SignInWithEmail(Request, frozen=True, kw_only=True):
    """`POST /emailVerifications/signin` and `/verify`: Sign in or verify the user with the code from the mail."""

    verification_uuid: str = field(name="verificationUUID")
    verification_token: Secret
    captcha_token: str | UnsetType = UNSET
    session_public_key: str | UnsetType = UNSET
    requested_scopes: RequestedScopes | UnsetType = UNSET
    allow_new_mfa_linking: bool | UnsetType = field(name="allowNewMFALinking", default=UNSET)


class AuthenticateEmail(FactorRequest, frozen=True, kw_only=True):
    """`POST /users/mfa/auth/email`: Use the code from a mail."""

    verification_uuid: str = field(name="verificationUUID")
    verification_token: Secret


class RecoveryCodes(Message, frozen=True, kw_only=True):
    """The unused recovery codes, and their number."""

    count: Annotated[int, Meta(ge=0, le=1000)]
    recovery_codes: Annotated[tuple[Secret, ...], Meta(max_length=1000)]
    damaged: Annotated[int, Meta(ge=0, le=1000)] | UnsetType = UNSET
    """Specific to the built-in service: how many more codes are unused, but damaged in its database."""


class EmailVerification(Message, frozen=True, kw_only=True):
    """A verification: a code was sent to `email`."""

    verification_uuid: str = field(name="verificationUUID")
    email: str


class MfaDevice(Message, frozen=True, kw_only=True):
    """A device that a user has registered as a factor."""

    id: str
    type: str
    """`totp`, `passkey` or `email`."""
    verified: bool
    created_at: str
    verified_at: str | None = None
    default: bool = False
    alias: str | UnsetType = UNSET


class MfaDevices(Message, frozen=True, kw_only=True):
    """`GET /users/mfa`: The user's devices."""

    count: int
    devices: tuple[MfaDevice, ...]


class UserPasskey(Message, frozen=True, kw_only=True):
    """A passkey of the user. `updated_at` is when it was last used."""

    id: str
    credential_id: str = ""
    created_at: str = ""
    updated_at: str | UnsetType = UNSET
    alias: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET


class MfaMethods(Message, frozen=True, kw_only=True):
    """`GET /users/mfa/methods`: The user's devices and passkeys."""

    devices: tuple[MfaDevice, ...]
    passkeys: tuple[UserPasskey, ...] = ()
    user_has_verified_mfa_methods: bool


class TotpRegistration(Message, frozen=True, kw_only=True):
    """A new authenticator app, which its first code verifies."""

    id: str
    type: Literal["totp"]
    secret: Secret
    uri: Secret


def require_sendable(token: Secret | UnsetType | None) -> None:
    """Check that a token, if there is one, can be sent in a header.

    Raises:
        ValueError: It contains a character that is not visible ASCII. While decoding, msgspec raises a
            `ValidationError` instead.
    """
    if isinstance(token, Secret) and not _SENDABLE.fullmatch(token.reveal()):
        msg = "a token is visible ASCII"
        raise ValueError(msg)
