"""The sentences that explain each API error to the user, made from the facts that the error carries."""

from enum import Enum, auto
from http import HTTPStatus
from typing import NamedTuple

from mfa_tui import formatting
from mfa_tui.errors import CODES_UNCHANGED
from mfa_tui.protocol.error_codes import ErrorCode

MAX_CLOCK_SKEW = 30
"""Seconds between two clocks above which authenticator codes fail: the time step of RFC 6238."""


class Operation(Enum):
    """The operations with different messages for an unknown outcome."""

    READ = auto()
    """It changes nothing."""
    SIGN_IN = auto()
    ROTATE = auto()
    USE_RECOVERY_CODE = auto()
    USE_TOTP_CODE = auto()
    USE_PASSKEY = auto()
    REGISTER_PASSKEY = auto()
    ACKNOWLEDGE = auto()
    DELETE_DEVICE = auto()
    OTHER = auto()


class Explanation(NamedTuple):
    """Three sentences: the event, its impact on the user's codes, and the next step."""

    message: str
    impact: str
    hint: str


_NOTHING_CHANGED = "Nothing was changed: your codes are unchanged."
_TRY_LATER = "Try again later; if it goes on, ask whoever runs the service."

NOT_SENT = Explanation(
    "The service could not be reached.",
    "Nothing was sent: your codes are unchanged.",
    "Check the connection and the address, then try again.",
)
TLS_FAILED = Explanation(
    "No secure connection to the service: its certificate is not valid for its address, or another server responded.",
    "Nothing was sent: your codes are unchanged.",
    "Check the address and this machine's clock; on a network with a login page, log in there first.",
)
CANCELLED = Explanation("Cancelled: the service had not answered.", _NOTHING_CHANGED, "Try again later.")
NOT_SIGNED_IN = Explanation(
    "You are not signed in, or the session has ended.",
    CODES_UNCHANGED,
    "Sign in again: run mfa-tui login.",
)
CHALLENGE_PENDING = Explanation(
    "This session has an MFA challenge pending.",
    CODES_UNCHANGED,
    "Complete the challenge with a code first: mfa-tui challenge, or mfa-tui use.",
)
STEP_UP_REQUIRED = Explanation(
    "Confirm your identity to continue.",
    CODES_UNCHANGED,
    "Enter a code from your authenticator app, or a recovery code.",
)
INVALID_CODE = Explanation(
    "Not accepted: the code is mistyped, was used before, or is from a set that was replaced.",
    "No code was used up by this attempt.",
    "Compare it with your list, or take the next code.",
)
INVALID_PASSKEY = Explanation(
    "The passkey was not accepted: it is not one of this account, or was removed or copied.",
    "Your codes are unchanged.",
    "Use another passkey, or a recovery code.",
)
DEVICE_NOT_FOUND = Explanation(
    "This account has no such authenticator app or passkey.", CODES_UNCHANGED, "Use a recovery code."
)
WRONG_EMAIL_CODE = Explanation(
    "That is not the code from the e-mail.",
    CODES_UNCHANGED,
    "Compare it with the newest e-mail; after three wrong attempts you need a new one.",
)
EMAIL_CODE_EXHAUSTED = Explanation(
    "The code from the e-mail was tried too often, and no longer works.", CODES_UNCHANGED, "Have a new code sent."
)
CODES_NOT_RETURNED = Explanation(
    "The service does not show these codes again.",
    "Nothing was changed: the codes that you saved are unchanged.",
    "If you no longer have them, rotate: that replaces the whole set.",
)
RECOVERY_CODES_CHANGED = Explanation(
    "Your codes were replaced meanwhile, by another program or device.",
    "The codes that you were shown no longer work. Nothing was changed now.",
    "Show the new ones and save them: mfa-tui codes.",
)
UNKNOWN_ENVIRONMENT = Explanation(
    "The service has no environment with this id.", CODES_UNCHANGED, "Check the environment id in the profile."
)
SERVICE_STORAGE: dict[str, Explanation] = {
    ErrorCode.STORAGE_FAILED: Explanation(
        "The built-in service could not use its database: it is locked or read-only, or the disk failed.",
        _NOTHING_CHANGED,
        "Close other programs that use it, then try again.",
    ),
    ErrorCode.STORAGE_FULL: Explanation(
        "The built-in service could not change its database: the disk is full.",
        _NOTHING_CHANGED,
        "Make room on the disk, then try again.",
    ),
    ErrorCode.STORAGE_DAMAGED: Explanation(
        "The database of the built-in service is damaged, or belongs to other keys.",
        "What is damaged can no longer be read; nothing was changed now.",
        "Rotate the codes, or restore the database from a backup, with the key file of that backup.",
    ),
    ErrorCode.STORAGE_MISSING: Explanation(
        "The database of the built-in service was removed or replaced while the service was running.",
        "Nothing was changed now; no codes are shown, because they would be stored nowhere.",
        "Put the database back from a backup, then start mfa-tui again.",
    ),
}
"""For each code of a `ServiceStorageError`."""

_UNKNOWN_OUTCOMES = {
    Operation.READ: (CODES_UNCHANGED, _TRY_LATER),
    Operation.SIGN_IN: (
        CODES_UNCHANGED,
        "Try the code from the e-mail once more; if it no longer works, have a new one sent.",
    ),
    Operation.ROTATE: (
        "The old codes may have stopped working already, with new ones in their place.",
        "Read the codes again before you rely on them.",
    ),
    Operation.USE_RECOVERY_CODE: (
        "The code that you typed may be used up; the others are unchanged.",
        "Cross it out and take the next one.",
    ),
    Operation.USE_TOTP_CODE: (
        "Your recovery codes are unchanged; the authenticator code may be used up.",
        "Wait for the app's next code and try that.",
    ),
    Operation.USE_PASSKEY: (
        "Your recovery codes are unchanged; the passkey may be accepted.",
        "Use it once more: that does no harm.",
    ),
    Operation.REGISTER_PASSKEY: (
        "Your recovery codes are unchanged; the passkey may be added.",
        "Check whether it is listed before you add another one.",
    ),
    Operation.ACKNOWLEDGE: (
        "Your codes are unchanged; whether they are confirmed is not known.",
        "Confirm once more: that does no harm.",
    ),
    Operation.DELETE_DEVICE: (
        "Your recovery codes are unchanged; the factor may be removed.",
        "Check whether it is still listed.",
    ),
    Operation.OTHER: (CODES_UNCHANGED, _TRY_LATER),
}


def no_answer(seconds: float) -> str:
    """Return for how long the service has not answered, as a sentence."""
    return f"The service has not answered for {seconds:.0f} s."


def outcome_unknown(operation: Operation, status: int | None = None, waited: float | None = None) -> Explanation:
    """Explain that the response to an operation was lost, or does not say whether the service acted."""
    if waited is not None:
        message = no_answer(waited)
    elif status is None:
        message = "The service's response did not arrive whole."
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = f"The service failed: it responded with error {status}."
    else:
        message = "The response is not the service's: a proxy or a login page of the network may have sent it."
    return Explanation(message, *_UNKNOWN_OUTCOMES[operation])


def refused(service_message: str) -> Explanation:
    """Explain a refusal that has no class of its own, in the service's own words if it gave any."""
    said = f"The service refused this: “{service_message.rstrip('.')}”." if service_message else ""
    return Explanation(
        said or "The service refused this.",
        CODES_UNCHANGED,
        _TRY_LATER,
    )


def not_offered(service_message: str) -> Explanation:
    """Explain that the service does not have this, in its own words if it gave any."""
    said = f": “{service_message.rstrip('.')}”." if service_message else "."
    return Explanation(f"The service does not offer this{said}", CODES_UNCHANGED, "")


def rate_limited(retry_after: int | None) -> Explanation:
    """Explain that there were too many attempts, and for how many seconds to wait if that is known."""
    wait = "a few minutes" if retry_after is None else formatting.duration(retry_after)
    return Explanation(
        "Too many attempts: the service accepts none for a while.",
        "Nothing was done, and no code is used up.",
        f"Wait {wait}, then try again.",
    )


def invalid_totp_code(clock_skew: float | None) -> Explanation:
    """Explain why an authenticator code failed, with the difference of the clocks if it is large enough."""
    hint = "Wait for the app's next code and try that."
    if clock_skew is not None and abs(clock_skew) > MAX_CLOCK_SKEW:
        direction = "behind" if clock_skew > 0 else "ahead of"
        hint = (
            f"This machine's clock is {formatting.duration(round(abs(clock_skew)))} {direction} the service's: "
            "if the app runs here, set the clock right; or take a recovery code."
        )
    return Explanation("Not accepted: the code is mistyped, too old, or was used before.", INVALID_CODE.impact, hint)
