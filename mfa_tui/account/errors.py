"""Errors of an account's operations.

MfaTuiError
├── InvalidCodeInputError       the text cannot be a code; nothing was sent
│   ├── UnusualCodeError        its form is unusual; it is sent if it is entered once more
│   └── RefusedCodeError        the service has just refused it; it was not sent again
├── InvalidEmailCodeInputError  the text cannot be a code from an e-mail; nothing was sent
├── InvalidEmailAddressError    the text cannot be an e-mail address; nothing was sent
├── UnsupportedSignInError      the environment requires something that a terminal cannot do
├── NotRevokedError             signed out here, but the service may keep the session
├── StepUpDeclinedError         an action needs a step-up and got none
├── AuthenticatorExistsError    the service takes one authenticator app, and one exists
├── NotRotatedError             the response was lost, and the set is the old one
├── RotationUnknownError        the response was lost, and the set cannot be read
├── NewCodesNotReturnedError    the set was replaced, and the service does not return the new codes
└── UnseenCodesError            the set was replaced, and the user has not seen the new codes
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from mfa_tui.errors import CODES_UNCHANGED, ExitCode, MfaTuiError, UsageError

EMAIL_CODE_LENGTH = 6
"""Digits of the code from an e-mail. Source: the vendor's docs."""


class InvalidCodeInputError(MfaTuiError):
    """The text cannot be a code; it was not sent."""

    def __init__(self, message: str, hint: str = "Correct it and try again.") -> None:
        super().__init__(message, impact="Nothing was sent and no code was used.", hint=hint)


class UnusualCodeError(InvalidCodeInputError):
    """The text has an unusual form for a code; it was not sent yet."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Correct it, or enter the same once more to send it unchanged.")


class RefusedCodeError(InvalidCodeInputError):
    """The service has just refused this code; it was not sent again."""

    def __init__(self) -> None:
        super().__init__(
            "This was not accepted just now, and was not sent again.",
            "Correct it, or use the next code: after too many wrong attempts you must wait.",
        )


class InvalidEmailCodeInputError(MfaTuiError):
    """The text cannot be the code from an e-mail; it was not sent."""

    def __init__(self) -> None:
        super().__init__(
            f"The code from the e-mail has {EMAIL_CODE_LENGTH} digits and nothing else.",
            impact="Nothing was sent, and no attempt was used up.",
            hint="Type the code from the newest e-mail.",
        )


class InvalidEmailAddressError(UsageError):
    """The text cannot be an e-mail address; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("That is not an e-mail address.", hint="Type the whole address, such as me@example.org.")


class UnsupportedSignInError(MfaTuiError):
    """The environment's sign-in requires something that a terminal cannot do.

    Args:
        obstacles: Its requirements, as sentences.
    """

    def __init__(self, obstacles: Sequence[str]) -> None:
        super().__init__(" ".join(obstacles), impact=CODES_UNCHANGED, hint="Sign in there with a browser instead.")


class NotRevokedError(MfaTuiError):
    """A session was removed here, but the service did not confirm its end.

    Args:
        expires_at: When the session expires, in unix seconds.
    """

    exit_code = ExitCode.NOT_REACHED

    def __init__(self, expires_at: int) -> None:
        ends = datetime.fromtimestamp(expires_at, UTC)
        super().__init__(
            "Signed out on this machine, which keeps no session any more; but the service was not reached.",
            impact=f"The session may live there until {ends:%Y-%m-%d %H:%M} UTC; your codes are unchanged.",
            hint="It expires then.",
        )


class StepUpDeclinedError(MfaTuiError):
    """An action needs a step-up and got none; it was not done."""

    def __init__(self) -> None:
        super().__init__(
            "This was not done: you did not confirm your identity.",
            impact="Your codes are unchanged, except for one that you typed to confirm it.",
            hint="Try again with an authenticator code or a recovery code.",
        )


class AuthenticatorExistsError(MfaTuiError):
    """The service takes one authenticator app, and one exists."""

    def __init__(self) -> None:
        super().__init__(
            "An authenticator app exists already, and the service takes only one.",
            impact="Your recovery codes and the app are unchanged.",
            hint="Remove the app first; then add the other.",
        )


class NotRotatedError(MfaTuiError):
    """The response was lost; the set was read back and is the old one."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing was replaced so far: the response was lost, so the set was read back, and it is the old one.",
            impact="Your old codes are valid.",
            hint="Rotate again when the service responds.",
        )


class RotationUnknownError(MfaTuiError):
    """The response was lost, and the set cannot be read back."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether the codes were replaced: the response was lost, and the set cannot be read.",
            impact="Keep the old codes, but do not rely on them yet.",
            hint="Run mfa-tui codes: it finds out, and does not rotate again.",
        )


class NewCodesNotReturnedError(MfaTuiError):
    """The set was replaced, and the service does not return the new codes."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced, and the service does not return the new ones.",
            impact="The old codes no longer work.",
            hint="Rotate once more to get a set that you can see.",
        )


class UnseenCodesError(MfaTuiError):
    """The set was replaced, and the user has not seen the new codes."""

    def __init__(self) -> None:
        super().__init__(
            "An earlier rotation did replace the codes: its response had been lost.",
            impact="The old codes no longer work; the new ones are at the service.",
            hint="Show them with mfa-tui codes, save them, then run mfa-tui acknowledge.",
        )
