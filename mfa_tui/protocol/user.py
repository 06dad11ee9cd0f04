"""The user of a session: the fields, their change, and the response to a verification of the user."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from mfa_tui.protocol.models import EmailAddress, Message, Request, UnixTime, require_sendable
from mfa_tui.redaction import Secret

ProfileText = Annotated[str, Meta(max_length=256)] | UnsetType | None
ProfileFlag = bool | UnsetType | None


class UpdateUser(Request, frozen=True, kw_only=True):
    """`PUT /users`: Confirm that the recovery codes are saved, or change the user's own fields. Null clears a field."""

    mfa_backup_code_acknowledgement: Literal["pending", "complete"] | UnsetType | None = UNSET
    email: EmailAddress | UnsetType | None = UNSET
    captcha_token: str | UnsetType | None = UNSET
    alias: ProfileText = UNSET
    first_name: ProfileText = UNSET
    last_name: ProfileText = UNSET
    job_title: ProfileText = UNSET
    phone_number: ProfileText = UNSET
    t_shirt_size: ProfileText = UNSET
    team: ProfileText = UNSET
    policies_consent: ProfileFlag = UNSET
    country: ProfileText = UNSET
    username: ProfileText = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    btc_wallet: ProfileText = UNSET
    kda_wallet: ProfileText = UNSET
    ltc_wallet: ProfileText = UNSET
    ckb_wallet: ProfileText = UNSET
    kas_wallet: ProfileText = UNSET
    doge_wallet: ProfileText = UNSET
    email_notification: ProfileFlag = UNSET
    discord_notification: ProfileFlag = UNSET
    newsletter_notification: ProfileFlag = UNSET


class VerifiedCredential(Message, frozen=True, kw_only=True):
    """An e-mail address, wallet or account with which a user signs in."""

    id: str
    format: str
    sign_in_enabled: bool = True
    email: str | UnsetType | None = UNSET


class SdkUser(Message, frozen=True, kw_only=True):
    """The user of a session.

    This program reads none of the fields that have `Any`: they are those of `UpdateUser`, which only a web app reads.
    """

    id: str
    project_environment_id: str = ""
    verified_credentials: tuple[VerifiedCredential, ...] = ()
    session_id: str | None = None
    email: str | None = None
    scope: str | None = None
    mfa_backup_code_acknowledgement: str | None = None
    """`complete` if the user confirmed that the codes are saved, otherwise `pending` or None."""
    missing_fields: tuple[Any, ...] = ()
    new_user: bool | UnsetType | None = UNSET
    last_verified_credential_id: str | None = None
    alias: Any = UNSET
    first_name: Any = UNSET
    last_name: Any = UNSET
    job_title: Any = UNSET
    phone_number: Any = UNSET
    t_shirt_size: Any = UNSET
    team: Any = UNSET
    policies_consent: Any = UNSET
    country: Any = UNSET
    username: Any = UNSET
    metadata: Any = UNSET
    btc_wallet: Any = UNSET
    kda_wallet: Any = UNSET
    ltc_wallet: Any = UNSET
    ckb_wallet: Any = UNSET
    kas_wallet: Any = UNSET
    doge_wallet: Any = UNSET
    email_notification: Any = UNSET
    discord_notification: Any = UNSET
    newsletter_notification: Any = UNSET


class VerifyResponse(Message, frozen=True, kw_only=True):
    """The response that contains a session's new bearer token."""

    user: SdkUser
    expires_at: UnixTime
    minified_jwt: Secret | UnsetType = UNSET
    jwt: Secret | UnsetType = UNSET
    mfa_token: Secret | UnsetType = UNSET
    elevated_access_token: Secret | None = None
    next_view: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        for token in (self.minified_jwt, self.jwt, self.mfa_token, self.elevated_access_token):
            require_sendable(token)
