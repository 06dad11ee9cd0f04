"""The types of requests and responses that only the built-in service uses."""

from typing import Any

from msgspec import UNSET, UnsetType

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import Message, Request, TokenScope


class JwksKey(Message, frozen=True, kw_only=True):
    """A public key of the service (RFC 7517)."""

    kid: str
    alg: str
    kty: str
    use: str
    e: str
    n: str


class Jwks(Message, frozen=True, kw_only=True):
    """`GET /.well-known/jwks`: The public keys of the service."""

    keys: tuple[JwksKey, ...]


class Nonce(Message, frozen=True, kw_only=True):
    """`GET /nonce`: A random string."""

    nonce: str


class Nonces(Message, frozen=True, kw_only=True):
    """`GET /nonces`: Random strings."""

    nonces: tuple[str, ...]


class SdkSettings(Request, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`POST /sdkSettings`: How the app has set up the SDK. The service reads none of it."""


class DeviceRegistrations(Message, frozen=True, kw_only=True):
    """`GET /deviceRegistrations`: The devices that may sign in, in an environment that registers them."""

    count: int = 0
    device_registrations: tuple[str, ...] = ()


class FieldCheck(Message, frozen=True, kw_only=True):
    """`GET /users/check`: Whether a value is free, of a field that is unique among users."""

    field: str
    value: str
    available: bool


class CheckStepUp(Request, frozen=True, kw_only=True):
    """`POST /stepUp/check`: Ask whether an action requires a factor now."""

    scope: TokenScope


class StepUpCredential(Message, frozen=True, kw_only=True):
    """A factor with which the user can step up."""

    id: str
    format: str
    type: str | UnsetType = UNSET
    alias: str | UnsetType = UNSET


class StepUpCheck(Message, frozen=True, kw_only=True):
    """Whether an action requires a factor now, and the user's factors."""

    is_required: bool
    credentials: tuple[StepUpCredential, ...]
    default_credential_id: str | UnsetType = UNSET


class ErrorBody(Message, frozen=True, kw_only=True):
    """The body of an error response."""

    error: str
    code: ErrorCode | UnsetType = UNSET
    payload: dict[str, Any] | UnsetType = UNSET
