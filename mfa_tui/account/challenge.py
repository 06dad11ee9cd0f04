"""The pending MFA challenge: what was typed, and finishing the challenge with it."""

from dataclasses import dataclass
from enum import Enum, auto

from mfa_tui import formatting, sanitize
from mfa_tui.account import rules
from mfa_tui.account.account import Account
from mfa_tui.client.errors import ApiError, NotSentError, RefusedError
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret

RECOVERY_LENGTH = 10
"""Symbols in a recovery code. Source: the vendor's form takes `^[a-zA-Z0-9]{10}$`."""

TOTP_LENGTH = 6
"""Digits in a code of an authenticator app. Source: the vendor's docs; the default of RFC 6238's apps."""

MAX_INPUT_LENGTH = 64
"""The longest text that is looked at, in characters: any code with room for how people group it."""

STEP_UP_SCOPES = (models.CREDENTIAL_LINK, models.CREDENTIAL_UNLINK)
"""What a step-up is asked for: the actions of this program that take one."""


ASK_AGAIN = "Type it again, or the same once more to send it as it is."
"""What a person is told of a code that looks odd, where they are asked again."""


class FactorKind(Enum):
    """Which factor a text is taken for; the value is its name for people."""

    RECOVERY = "recovery code"
    TOTP = "authenticator code"


class NotACodeError(MfaTuiError):
    """What was typed cannot be a code; it was not sent."""

    def __init__(self, happened: str) -> None:
        super().__init__(happened, impact="Nothing was sent and no code is spent.", hint="Mend it and try again.")


@dataclass(frozen=True)
class TypedCode:
    """A code as it will be sent, what it is taken for, and what is odd about it, if anything, as a sentence."""

    kind: FactorKind
    code: Secret
    oddity: str = ""


def read_typed(typed: str) -> TypedCode:
    """Return the code in what a person typed or pasted.

    Spaces and dashes of any kind go; case stays as typed, since whether a service heeds it is not known. Six
    digits are a code of an authenticator app, anything else a recovery code.

    Raises:
        NotACodeError: There is nothing, or something else than letters and digits, or far too much.
    """
    if len(typed) > MAX_INPUT_LENGTH:
        msg = f"That is {len(typed):,} characters; a recovery code has {RECOVERY_LENGTH} letters or digits."
        raise NotACodeError(msg)
    code = sanitize.strip_separators(typed)
    if not code:
        msg = "There is no code in the field."
        raise NotACodeError(msg)
    if not (code.isascii() and code.isalnum()):
        msg = "A code has only letters A to Z and digits; this has something else."
        raise NotACodeError(msg)
    if code.isdigit() and len(code) == TOTP_LENGTH:
        return TypedCode(FactorKind.TOTP, Secret(code))
    if len(code) == RECOVERY_LENGTH:
        return TypedCode(FactorKind.RECOVERY, Secret(code))
    has = formatting.count(len(code), "letter or digit") if len(code) == 1 else f"{len(code)} letters or digits"
    return TypedCode(FactorKind.RECOVERY, Secret(code), f"This has {has}; a recovery code has {RECOVERY_LENGTH}.")


async def use(account: Account, typed: TypedCode, *, step_up: bool = False) -> None:
    """Finish the pending challenge with a code, or step up with one. A recovery code is spent by it.

    Sent once, and never again by itself.

    Raises:
        OutcomeUnknownError: The code may be spent.
        ApiError: The code was not taken and is not spent.
    """
    scopes = STEP_UP_SCOPES if step_up else ()
    if typed.kind is FactorKind.RECOVERY:
        answer = await _spend(account, typed.code, scopes)
    else:
        answer = await account.client.authenticate_totp_mfa_device(account.token, typed.code, step_up_for=scopes)
    account.begin_from(answer)


async def _spend(account: Account, code: Secret, scopes: tuple[str, ...]) -> models.VerifyResponse:
    """Send a recovery code. Unless it was not taken for sure, the codes that were read are not known any more."""
    may_be_spent = True
    try:
        return await account.client.authenticate_mfa_recovery_code(account.token, code, step_up_for=scopes)
    except (NotSentError, RefusedError):
        may_be_spent = False
        raise
    finally:  # also where the person goes away in the middle
        if may_be_spent:
            account.forget_codes()


class ChallengeStatus(Enum):
    """What a look at the session says of a code whose answer was lost."""

    PASSED = auto()
    """The challenge is passed, and the code spent."""
    PENDING = auto()
    """The session still waits for a factor; the code may be spent all the same."""
    UNKNOWN = auto()
    """The service does not answer."""


CHALLENGE_STATUS_MESSAGES = {
    ChallengeStatus.PASSED: Message(
        "The answer was lost, but the challenge is passed", "The code that you typed is spent."
    ),
    ChallengeStatus.PENDING: Message(
        "The answer was lost: that code may be spent",
        "The challenge still waits. Cross the code out, and take the next one: nothing is sent again by itself.",
    ),
    ChallengeStatus.UNKNOWN: Message(
        "The answer was lost, and the service does not answer now",
        "The code may be spent: cross it out. Once the service is back, take the next one.",
    ),
}
"""What a person is told then."""


async def check_status(account: Account) -> ChallengeStatus:
    """Look whether a code whose answer was lost has passed the challenge. Nothing is sent again but the question."""
    try:
        user = await account.client.get_user(account.token)
    except ApiError:
        return ChallengeStatus.UNKNOWN
    account.update_user(user)
    return ChallengeStatus.PENDING if rules.is_user_missing_mfa_auth(user) else ChallengeStatus.PASSED


async def factors(account: Account) -> list[str]:
    """Return the names of the factors that the account can pass the challenge with, as far as the service says."""
    try:
        methods = await account.client.get_mfa_methods(account.token)
    except ApiError:
        return [FactorKind.RECOVERY.value]
    has_totp = any(device.type == "totp" and device.verified for device in methods.devices)
    return [FactorKind.TOTP.value, FactorKind.RECOVERY.value] if has_totp else [FactorKind.RECOVERY.value]
