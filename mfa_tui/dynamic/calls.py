"""The calls of the API: where each goes, what it answers, and what is at stake when the answer is lost.

Source of the paths: what `@dynamic-labs-sdk/client` 1.27.1 sends.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from mfa_tui import wire
from mfa_tui.dynamic.errors import Refused, Withheld

Reply = TypeVar("Reply")

_UNCHANGED = "Your codes are as they were."
_AGAIN = "Try again; if it goes on, look whether a login page of the network or a proxy answers in its place."


@dataclass(frozen=True)
class Call(Generic[Reply]):
    """One call of the API.

    `path` follows `/sdk/{environmentId}`, with `{}` where the id of a device stands; `at_stake` is the sentence
    that a person is told when the call may or may not have happened, `then` what to do about it; `refused` is what
    a refusal means that neither its code nor its status explains.
    """

    method: str
    path: str
    reply: type[Reply]
    at_stake: str = _UNCHANGED
    then: str = _AGAIN
    refused: type[Refused] = Refused


SETTINGS = Call("GET", "/settings", wire.ProjectSettings)
CREATE_EMAIL_VERIFICATION = Call("POST", "/emailVerifications/create", wire.EmailVerification)
RETRY_EMAIL_VERIFICATION = Call("POST", "/emailVerifications/retry", wire.EmailVerification)
SIGN_IN_WITH_EMAIL = Call(
    "POST",
    "/emailVerifications/signin",
    wire.VerifyResponse,
    then="Try the code from the mail once more; where it no longer works, have a new one sent.",
)
USER = Call("GET", "/users", wire.SdkUser)
REFRESH = Call("POST", "/refresh", wire.VerifyResponse)
REVOKE = Call("POST", "/revoke", type(None))
GET_RECOVERY_CODES = Call("GET", "/users/mfa/recovery", wire.RecoveryCodes, refused=Withheld)
CREATE_NEW_RECOVERY_CODES = Call(
    "POST",
    "/users/mfa/recovery",
    wire.RecoveryCodes,
    "The old codes may have stopped working already, with new ones in their place.",
    "Read the codes again before you rely on them.",
)
AUTHENTICATE_RECOVERY_CODE = Call(
    "POST",
    "/users/mfa/auth/recovery",
    wire.VerifyResponse,
    "The code that you typed may be spent; the others are as they were.",
    "Cross it out and take the next one.",
)
AUTHENTICATE_TOTP = Call(
    "POST",
    "/users/mfa/auth/totp",
    wire.VerifyResponse,
    "Your recovery codes are as they were; the authenticator code may be used up.",
    "Wait for the app's next code and try that.",
)
METHODS = Call("GET", "/users/mfa/methods?verifiedOnly=true", wire.MfaMethods)
DEVICES = Call("GET", "/users/mfa", wire.MfaDevices)
REGISTER_TOTP = Call("GET", "/users/mfa/register/totp", wire.TotpRegistration)
SET_DEFAULT_DEVICE = Call("PUT", "/users/mfa/{}", type(None))
DELETE_DEVICE = Call(
    "DELETE",
    "/users/mfa/{}",
    type(None),
    "Your recovery codes are as they were; the authenticator app may be removed.",
    "Look whether it is still listed.",
)
ACKNOWLEDGE_RECOVERY_CODES = Call(
    "PUT",
    "/users",
    wire.VerifyResponse,
    "Your codes are as they were; whether they count as saved is not known.",
    "Say so once more: that does no harm.",
)
