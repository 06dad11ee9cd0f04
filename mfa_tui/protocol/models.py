"""The JSON that client and service both speak: Dynamic's SDK API, as far as recovery codes and MFA need it.

Names are the vendor's, in snake case here and in camel case on the wire. A field whose default is `UNSET` is
absent from the JSON where it has no value; one whose default is `None` is `null` there, as the vendor does.
Source: the API models and requests of `@dynamic-labs-sdk/client` 1.27.1, and the vendor's public docs.
"""

import re
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.redaction import Secret

REQUIRES_ADDITIONAL_AUTH = "requiresAdditionalAuth"
"""The scope of a session whose MFA challenge is pending."""

DEVICE_REGISTER = "device:register"
"""The scope of a session that must register its device before it is complete."""

CREDENTIAL_LINK = "credential:link"
"""The scope of the elevated token that registering a second factor takes."""

CREDENTIAL_UNLINK = "credential:unlink"
"""The scope of the elevated token that deleting a factor takes."""

MFA_TOKEN_HEADER = "x-mfa-auth-token"  # noqa: S105 - a header's name
ELEVATED_TOKEN_HEADER = "x-dyn-elevated-access-token"  # noqa: S105 - a header's name
REQUEST_ID_HEADER = "x-dyn-request-id"
VERSION_HEADER = "x-dyn-version"

RequestedScopes = Annotated[
    tuple[Annotated[str, Meta(pattern="^[a-z_]{1,32}(:[a-z_]{1,32}){1,3}(?!\\n)$")], ...], Meta(max_length=16)
]
"""The scopes of an elevated token, such as `credential:link`."""

SET_SIZE = 10
"""How many recovery codes the service makes at a time. Source: the vendor's docs."""

EmailAddress = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*(?!\n)$",
    ),
]
"""An address as HTML's input of type email has it, which leaves out the quoted forms of RFC 5322; as long as SMTP can
carry it (RFC 5321, erratum 1690). Python's `$` alone would let a line feed through at the end, into mail headers."""

_SENDABLE = re.compile(r"[!-~]*")


class Message(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all that is sent and received."""


class Request(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all that the service takes."""


class MfaTokenRequest(Request, frozen=True, kw_only=True):
    """Asks a factor call for an MFA token: single use for 300 s, or time-bound for 600 s."""

    single_use: bool


class FactorRequest(Request, frozen=True, kw_only=True):
    """Base of the calls that finish a pending challenge."""

    create_mfa_token: MfaTokenRequest | UnsetType = UNSET
    requested_scopes: RequestedScopes | UnsetType = UNSET


class AuthenticateRecoveryCode(FactorRequest, frozen=True, kw_only=True):
    """`POST /users/mfa/auth/recovery`: use a recovery code."""

    code: Secret


class AuthenticateTotp(FactorRequest, frozen=True, kw_only=True):
    """`POST /users/mfa/auth/totp`: use a TOTP code, of the default device if none is named."""

    code: Secret
    id: str | UnsetType = UNSET


class ConfirmTotp(Request, frozen=True, kw_only=True):
    """`POST /users/mfa/register/totp`: confirm a registered authenticator app with its first code."""

    type: Literal["totp"]
    code: Secret


class UpdateMfaDevice(Request, frozen=True, kw_only=True):
    """`PUT /users/mfa/{deviceId}`: make a device the one that is asked for first. The SDK sends no body at all."""

    default: bool = True


class UpdateUser(Request, frozen=True, kw_only=True):
    """`PUT /users`: say that the recovery codes are saved."""

    mfa_backup_code_acknowledgement: Literal["pending", "complete"]


class CreateEmailVerification(Request, frozen=True, kw_only=True):
    """`POST /emailVerifications/create`: send a code to an address."""

    email: EmailAddress
    captcha_token: str | UnsetType = UNSET


class RetryEmailVerification(Request, frozen=True, kw_only=True):
    """`POST /emailVerifications/retry`: send the code again."""

    email: EmailAddress
    verification_uuid: str = field(name="verificationUUID")


class SignInWithEmail(Request, frozen=True, kw_only=True):
    """`POST /emailVerifications/signin` and `/verify`: the code from the mail."""

    verification_uuid: str = field(name="verificationUUID")
    verification_token: Secret
    captcha_token: str | UnsetType = UNSET
    session_public_key: str | UnsetType = UNSET
    requested_scopes: RequestedScopes | UnsetType = UNSET
    allow_new_mfa_linking: bool | UnsetType = field(name="allowNewMFALinking", default=UNSET)


class RecoveryCodes(Message, frozen=True, kw_only=True):
    """The set: `count` codes are available, and these are the codes."""

    count: Annotated[int, Meta(ge=0, le=1000)]
    recovery_codes: Annotated[tuple[Secret, ...], Meta(max_length=1000)]


class EmailVerification(Message, frozen=True, kw_only=True):
    """A code is on its way to `email`."""

    verification_uuid: str = field(name="verificationUUID")
    email: str


class VerifiedCredential(Message, frozen=True, kw_only=True):
    """An address, wallet or account by which the user signs in."""

    id: str
    format: str
    sign_in_enabled: bool = True
    email: str | None = None


class SdkUser(Message, frozen=True, kw_only=True):
    """The user of a session."""

    id: str
    project_environment_id: str = ""
    verified_credentials: tuple[VerifiedCredential, ...] = ()
    session_id: str | None = None
    email: str | None = None
    scope: str | None = None
    mfa_backup_code_acknowledgement: str | None = None
    """`pending`, `complete` or none: whether the user said that the codes are saved."""
    missing_fields: tuple[Any, ...] = ()
    new_user: bool | None = None
    last_verified_credential_id: str | None = None


class VerifyResponse(Message, frozen=True, kw_only=True):
    """The answer of each call that gives a session: the token is the bearer from then on.

    `expires_at` is in unix seconds.
    """

    user: SdkUser
    expires_at: int
    minified_jwt: Secret | UnsetType = UNSET
    jwt: Secret | UnsetType = UNSET
    mfa_token: Secret | UnsetType = UNSET
    elevated_access_token: Secret | None = None
    next_view: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        for token in (self.minified_jwt, self.jwt, self.mfa_token, self.elevated_access_token):
            require_sendable(token)


class MfaDevice(Message, frozen=True, kw_only=True):
    """A factor that the user has registered."""

    id: str
    type: str
    """`totp`, `passkey` or `email`."""
    verified: bool
    created_at: str
    verified_at: str | None = None
    default: bool = False
    alias: str | UnsetType = UNSET


class MfaDevices(Message, frozen=True, kw_only=True):
    """`GET /users/mfa`."""

    count: int
    devices: tuple[MfaDevice, ...]


class MfaMethods(Message, frozen=True, kw_only=True):
    """`GET /users/mfa/methods`."""

    devices: tuple[MfaDevice, ...]
    passkeys: tuple[Any, ...] = ()
    user_has_verified_mfa_methods: bool


class TotpRegistration(Message, frozen=True, kw_only=True):
    """A new authenticator app, to be confirmed by its first code."""

    id: str
    type: Literal["totp"]
    secret: Secret
    uri: Secret


class JwksKey(Message, frozen=True, kw_only=True):
    """A public key of the service, by RFC 7517."""

    kid: str
    alg: str
    kty: str
    crv: str
    x: str
    y: str
    use: str


class Jwks(Message, frozen=True, kw_only=True):
    """`GET /.well-known/jwks`."""

    keys: tuple[JwksKey, ...]


class MfaMethod(Message, frozen=True, kw_only=True):
    """A kind of factor, as the environment is set."""

    type: str
    enabled: bool = False
    allow_backup_codes: bool = False


class MfaAction(Message, frozen=True, kw_only=True):
    """An action that may require a factor of its own."""

    action: str
    required: bool = False


class MfaSettings(Message, frozen=True, kw_only=True):
    """How the environment is set for MFA."""

    enabled: bool = False
    required: bool = False
    enrollment: str | None = None
    methods: tuple[MfaMethod, ...] = ()
    actions: tuple[MfaAction, ...] = ()


class AuthSettings(Message, frozen=True, kw_only=True):
    """Where the environment's sessions are kept: `storage` names cookies or a store of the client's."""

    storage: tuple[str, ...] = ()


class SecuritySettings(Message, frozen=True, kw_only=True):
    """The part of the settings that guards sign-in."""

    mfa: MfaSettings | None = None
    captcha: dict[str, Any] | None = None
    auth: AuthSettings | None = None


class GeneralSettings(Message, frozen=True, kw_only=True):
    """The part of the settings that names the environment's makers."""

    support_email: str | None = None
    display_name: str | None = None


class ProjectSettings(Message, frozen=True, kw_only=True):
    """`GET /settings`, as far as this program reads it."""

    security: SecuritySettings = SecuritySettings()
    general: GeneralSettings = GeneralSettings()
    chains: tuple[Any, ...] = ()
    providers: tuple[Any, ...] = ()
    networks: tuple[Any, ...] = ()
    kyc: tuple[Any, ...] = ()
    design: dict[str, Any] = {}
    privacy: dict[str, Any] = {}
    sdk: dict[str, Any] = {}


class Nonces(Message, frozen=True, kw_only=True):
    """`GET /nonces`."""

    nonces: tuple[str, ...]


class ErrorBody(Message, frozen=True, kw_only=True):
    """What the service says when it refuses."""

    error: str
    code: ErrorCode | UnsetType = UNSET
    payload: dict[str, Any] | UnsetType = UNSET


def require_sendable(token: Secret | UnsetType | None) -> None:
    """See to it that a token, if it is one, can stand in a header.

    Raises:
        ValueError: It holds something else than visible ASCII; where it was being decoded, a `ValidationError`.
    """
    if isinstance(token, Secret) and not _SENDABLE.fullmatch(token.reveal()):
        msg = "a token is visible ASCII"
        raise ValueError(msg)
