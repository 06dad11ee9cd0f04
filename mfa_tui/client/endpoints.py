"""The calls of the API: where each goes, what it answers, and what is at stake when the answer is lost.

Source of the paths: what `@dynamic-labs-sdk/client` 1.27.1 sends.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from mfa_tui.client.errors import CodesNotReturnedError, RefusedError
from mfa_tui.protocol import models

Response = TypeVar("Response")

_UNCHANGED = "Your codes are as they were."
_AGAIN = "Try again; if it goes on, look whether a login page of the network or a proxy answers in its place."


@dataclass(frozen=True)
class Endpoint(Generic[Response]):
    """One call of the API.

    `path` follows `/sdk/{environmentId}`, with `{}` where the id of a device stands; `at_stake` is the sentence
    that a person is told when the call may or may not have happened, `then` what to do about it; `refused` is what
    a refusal means that neither its code nor its status explains.
    """

    method: str
    path: str
    reply: type[Response]
    at_stake: str = _UNCHANGED
    then: str = _AGAIN
    refused: type[RefusedError] = RefusedError


SETTINGS = Endpoint("GET", "/settings", models.ProjectSettings)
CREATE_EMAIL_VERIFICATION = Endpoint("POST", "/emailVerifications/create", models.EmailVerification)
RETRY_EMAIL_VERIFICATION = Endpoint("POST", "/emailVerifications/retry", models.EmailVerification)
SIGN_IN_WITH_EMAIL = Endpoint(
    "POST",
    "/emailVerifications/signin",
    models.VerifyResponse,
    then="Try the code from the mail once more; where it no longer works, have a new one sent.",
)
USER = Endpoint("GET", "/users", models.SdkUser)
REFRESH = Endpoint("POST", "/refresh", models.VerifyResponse)
REVOKE = Endpoint("POST", "/revoke", type(None))
GET_RECOVERY_CODES = Endpoint("GET", "/users/mfa/recovery", models.RecoveryCodes, refused=CodesNotReturnedError)
CREATE_NEW_RECOVERY_CODES = Endpoint(
    "POST",
    "/users/mfa/recovery",
    models.RecoveryCodes,
    "The old codes may have stopped working already, with new ones in their place.",
    "Read the codes again before you rely on them.",
)
AUTHENTICATE_RECOVERY_CODE = Endpoint(
    "POST",
    "/users/mfa/auth/recovery",
    models.VerifyResponse,
    "The code that you typed may be spent; the others are as they were.",
    "Cross it out and take the next one.",
)
AUTHENTICATE_TOTP = Endpoint(
    "POST",
    "/users/mfa/auth/totp",
    models.VerifyResponse,
    "Your recovery codes are as they were; the authenticator code may be used up.",
    "Wait for the app's next code and try that.",
)
METHODS = Endpoint("GET", "/users/mfa/methods?verifiedOnly=true", models.MfaMethods)
DEVICES = Endpoint("GET", "/users/mfa", models.MfaDevices)
REGISTER_TOTP = Endpoint("GET", "/users/mfa/register/totp", models.TotpRegistration)
SET_DEFAULT_DEVICE = Endpoint("PUT", "/users/mfa/{}", type(None))
DELETE_DEVICE = Endpoint(
    "DELETE",
    "/users/mfa/{}",
    type(None),
    "Your recovery codes are as they were; the authenticator app may be removed.",
    "Look whether it is still listed.",
)
ACKNOWLEDGE_RECOVERY_CODES = Endpoint(
    "PUT",
    "/users",
    models.VerifyResponse,
    "Your codes are as they were; whether they count as saved is not known.",
    "Say so once more: that does no harm.",
)
