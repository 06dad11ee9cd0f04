"""The settings of an environment, as Dynamic's SDK API returns them.

Source: the API models of `@dynamic-labs-sdk/client` 1.27.1, and the vendor's public docs.
"""

from typing import Any

from msgspec import UNSET, UnsetType, field

from mfa_tui.protocol.models import Message


class MfaMethod(Message, frozen=True, kw_only=True):
    """The settings of a kind of factor."""

    type: str
    enabled: bool = False
    allow_backup_codes: bool = False


class MfaAction(Message, frozen=True, kw_only=True):
    """The settings of an action that may require a factor."""

    action: str
    required: bool = False
    token_behavior: str | UnsetType = UNSET
    """`single_use` or `time_bound`."""
    token_expiry_seconds: int | UnsetType = UNSET


class MfaSettings(Message, frozen=True, kw_only=True):
    """The settings for MFA."""

    enabled: bool = False
    required: bool = False
    enrollment: str | None = None
    available_methods: tuple[str, ...] = ()
    methods: tuple[MfaMethod, ...] = ()
    actions: tuple[MfaAction, ...] = ()


class AuthSettings(Message, frozen=True, kw_only=True):
    """The settings for the storage of sessions: in cookies, or by the client."""

    storage: tuple[str, ...] = ()


class Duration(Message, frozen=True, kw_only=True):
    """A length of time."""

    amount: int
    unit: str


class SecuritySettings(Message, frozen=True, kw_only=True):
    """The settings for security."""

    mfa: MfaSettings | None = None
    captcha: dict[str, Any] | UnsetType | None = UNSET
    auth: AuthSettings | None = None
    jwt_duration: Duration | UnsetType = UNSET
    device_registration_required: bool = False


class GeneralSettings(Message, frozen=True, kw_only=True):
    """The settings that describe the application."""

    support_email: str | None = None
    display_name: str | None = None


class Provider(Message, frozen=True, kw_only=True):
    """A way to sign in, or a service that the vendor connects."""

    provider: str
    enabled_at: str | None = None


class ProjectSettings(Message, frozen=True, kw_only=True):
    """`GET /settings`: The settings of the environment, as far as this program reads them."""

    security: SecuritySettings = SecuritySettings()
    general: GeneralSettings = GeneralSettings()
    chains: tuple[Any, ...] = ()
    providers: tuple[Provider, ...] = ()
    networks: tuple[Any, ...] = ()
    kyc: tuple[Any, ...] = ()
    design: dict[str, Any] = field(default_factory=dict)
    privacy: dict[str, Any] = field(default_factory=dict)
    sdk: dict[str, Any] = field(default_factory=dict)
