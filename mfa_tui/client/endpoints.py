"""The endpoints of the API: path, response type, and the errors that are specific to one.

Source of the paths: the requests that `@dynamic-labs-sdk/client` 1.27.1 sends.
"""

from typing import Generic, TypeVar

import msgspec

from mfa_tui.client.errors import (
    CodesNotReturnedError,
    InvalidCodeError,
    InvalidPasskeyError,
    InvalidTotpCodeError,
    RefusedError,
)
from mfa_tui.client.messages import Operation
from mfa_tui.protocol import handoffs, models, passkeys
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.protocol.user import SdkUser, VerifyResponse

Response = TypeVar("Response")


class Endpoint(msgspec.Struct, Generic[Response], frozen=True):
    """One endpoint of the API."""

    method: str
    path: str
    """The path after `/sdk/{environmentId}`, with `{}` for the id of a device or a hand-off."""
    response: type[Response]
    operation: Operation = Operation.OTHER
    """The operation that an `OutcomeUnknownError` names."""
    invalid_code: type[InvalidCodeError] = InvalidCodeError
    """The error for `mfa_invalid_code`."""
    refused: type[RefusedError] = RefusedError
    """The error for a refusal that neither its code nor its status explains."""


SETTINGS = Endpoint("GET", "/settings", ProjectSettings, Operation.READ)
CREATE_EMAIL_VERIFICATION = Endpoint("POST", "/emailVerifications/create", models.EmailVerification)
RETRY_EMAIL_VERIFICATION = Endpoint("POST", "/emailVerifications/retry", models.EmailVerification)
SIGN_IN_WITH_EMAIL = Endpoint(
    "POST",
    "/emailVerifications/signin",
    VerifyResponse,
    Operation.SIGN_IN,
)
USER = Endpoint("GET", "/users", SdkUser, Operation.READ)
REFRESH = Endpoint("POST", "/refresh", VerifyResponse)
REVOKE = Endpoint("POST", "/revoke", type(None))
GET_RECOVERY_CODES = Endpoint(
    "GET", "/users/mfa/recovery", models.RecoveryCodes, Operation.READ, refused=CodesNotReturnedError
)
CREATE_NEW_RECOVERY_CODES = Endpoint(
    "POST",
    "/users/mfa/recovery",
    models.RecoveryCodes,
    Operation.ROTATE,
)
AUTHENTICATE_RECOVERY_CODE = Endpoint(
    "POST",
    "/users/mfa/auth/recovery",
    VerifyResponse,
    Operation.USE_RECOVERY_CODE,
)
AUTHENTICATE_TOTP = Endpoint(
    "POST",
    "/users/mfa/auth/totp",
    VerifyResponse,
    Operation.USE_TOTP_CODE,
    invalid_code=InvalidTotpCodeError,
)
METHODS = Endpoint("GET", "/users/mfa/methods?verifiedOnly=true", models.MfaMethods, Operation.READ)
DEVICES = Endpoint("GET", "/users/mfa", models.MfaDevices, Operation.READ)
REGISTER_TOTP = Endpoint("GET", "/users/mfa/register/totp", models.TotpRegistration)
SET_DEFAULT_DEVICE = Endpoint("PUT", "/users/mfa/{}", type(None))
DELETE_DEVICE = Endpoint(
    "DELETE",
    "/users/mfa/{}",
    type(None),
    Operation.DELETE_DEVICE,
)
PASSKEYS = Endpoint("GET", "/users/passkeys", passkeys.UserPasskeys, Operation.READ)
RENAME_PASSKEY = Endpoint("PUT", "/users/passkeys", models.UserPasskey)
DELETE_PASSKEY = Endpoint("DELETE", "/users/passkeys", type(None), Operation.DELETE_DEVICE)
PASSKEY_CREATION_OPTIONS = Endpoint("GET", "/users/passkeys/register", passkeys.CreationOptions, Operation.READ)
REGISTER_PASSKEY = Endpoint(
    "POST",
    "/users/passkeys/register",
    VerifyResponse,
    Operation.REGISTER_PASSKEY,
)
PASSKEY_REQUEST_OPTIONS = Endpoint("GET", "/users/passkeys/authenticate", passkeys.RequestOptions, Operation.READ)
CREATE_HANDOFF = Endpoint("POST", "/users/passkeys/handoff", handoffs.Handoff)
READ_HANDOFF = Endpoint("GET", "/users/passkeys/handoff?handoffId={}", handoffs.HandoffProgress, Operation.READ)
END_HANDOFF = Endpoint("PUT", "/users/passkeys/handoff", type(None))
AUTHENTICATE_PASSKEY = Endpoint(
    "POST",
    "/users/mfa/auth/passkey",
    VerifyResponse,
    Operation.USE_PASSKEY,
    invalid_code=InvalidPasskeyError,
)
ACKNOWLEDGE_RECOVERY_CODES = Endpoint(
    "PUT",
    "/users",
    VerifyResponse,
    Operation.ACKNOWLEDGE,
)
