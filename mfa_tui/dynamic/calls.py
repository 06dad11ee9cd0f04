"""The calls of the API: where each goes, what it answers, and what is at stake when the answer is lost.

Source of the paths: what `@dynamic-labs-sdk/client` 1.27.1 sends.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from mfa_tui import wire
from mfa_tui.dynamic.errors import Refused, Withheld

Reply = TypeVar("Reply")

_UNCHANGED = "Your codes are as they were."


@dataclass(frozen=True)
class Call(Generic[Reply]):
    """One call of the API.

    `path` follows `/sdk/{environmentId}`, with `{}` where the id of a device stands; `at_stake` is the sentence
    that a person is told when the call may or may not have happened; `refused` is what a refusal means that
    neither its code nor its status explains.
    """

    method: str
    path: str
    reply: type[Reply]
    at_stake: str = _UNCHANGED
    refused: type[Refused] = Refused


SETTINGS = Call("GET", "/settings", wire.ProjectSettings)
CREATE_EMAIL_VERIFICATION = Call("POST", "/emailVerifications/create", wire.EmailVerification)
RETRY_EMAIL_VERIFICATION = Call("POST", "/emailVerifications/retry", wire.EmailVerification)
SIGN_IN_WITH_EMAIL = Call("POST", "/emailVerifications/signin", wire.VerifyResponse)
USER = Call("GET", "/users", wire.SdkUser)
REFRESH = Call("POST", "/refresh", wire.VerifyResponse)
REVOKE = Call("POST", "/revoke", type(None))
GET_RECOVERY_CODES = Call("GET", "/users/mfa/recovery", wire.RecoveryCodes, refused=Withheld)
CREATE_NEW_RECOVERY_CODES = Call(
    "POST",
    "/users/mfa/recovery",
    wire.RecoveryCodes,
    "The old codes may have stopped working already, with new ones in their place.",
)
AUTHENTICATE_RECOVERY_CODE = Call(
    "POST", "/users/mfa/auth/recovery", wire.VerifyResponse, "The code that you typed may be spent."
)
AUTHENTICATE_TOTP = Call(
    "POST",
    "/users/mfa/auth/totp",
    wire.VerifyResponse,
    "Your recovery codes are as they were; the authenticator code may be used up, so wait for the next one.",
)
METHODS = Call("GET", "/users/mfa/methods?verifiedOnly=true", wire.MfaMethods)
DEVICES = Call("GET", "/users/mfa", wire.MfaDevices)
REGISTER_TOTP = Call("GET", "/users/mfa/register/totp", wire.TotpRegistration)
SET_DEFAULT_DEVICE = Call("PUT", "/users/mfa/{}", type(None))
DELETE_DEVICE = Call(
    "DELETE", "/users/mfa/{}", type(None), "Your recovery codes are as they were; the authenticator app may be removed."
)
ACKNOWLEDGE_RECOVERY_CODES = Call(
    "PUT", "/users", wire.VerifyResponse, "Your codes are as they were; whether they count as saved is not known."
)
