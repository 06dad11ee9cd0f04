"""Errors of an account's operations.

MfaTuiError
├── InvalidCodeInputError       the text cannot be a code; nothing was sent
├── InvalidEmailCodeInputError  the text cannot be a code from an e-mail; nothing was sent
├── InvalidEmailAddressError    a UsageError: the text cannot be an e-mail address; nothing was sent
├── UnsupportedSignInError      the environment requires something that a terminal cannot do
├── NotRevokedError             signed out here, but the service may keep the session
├── StepUpDeclinedError         an action needs a step-up and got none
├── AuthenticatorExistsError    the service takes one authenticator app, and one exists
├── PasskeyOfWebAppError        the passkeys belong to the domain of the environment's web app
├── HandoffDeclinedError        the user of the browser did not see the code of this terminal
├── HandoffReopenedError        the link was opened a second time
├── HandoffExpiredError         no browser has answered in time, or a newer link has replaced this one
├── RotationUnknownError        the response was lost, and the set cannot be read
├── DamagedCodesError           the service cannot read some codes any more; the others are shown
├── RotationUnderWayError       an earlier request may still replace the set
├── NewCodesNotReturnedError    the set was replaced, and the service does not return the new codes
├── UnseenCodesError            the set was replaced, and the new codes were not shown here
├── CodesNotShownError          no program of this user has shown the codes
├── NoCodesLeftError            all codes are used, so none can be confirmed
└── InterruptedUseError         the program ended while a code was being used
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mfa_tui import formatting
from mfa_tui.errors import CODES_UNCHANGED, OLD_CODES_INVALID, ExitCode, MfaTuiError, UsageError

EMAIL_CODE_LENGTH = 6
"""Digits of the code from an e-mail. Source: the vendor's docs."""


class InvalidCodeInputError(MfaTuiError):
    """The text cannot be a code; it was not sent."""

    def __init__(self, message: str, hint: str = "Correct it and try again.") -> None:
        super().__init__(message, impact="Nothing was sent and no code was used.", hint=hint)


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
        exit_code: `NOT_REACHED` if the request was not sent, `REFUSED` if the service refused it, or else
            `OUTCOME_UNKNOWN`.
    """

    def __init__(self, expires_at: int, exit_code: ExitCode) -> None:
        self.exit_code = exit_code
        ends = datetime.fromtimestamp(expires_at, UTC)
        failure = "was not reached" if exit_code is ExitCode.NOT_REACHED else "did not confirm it"
        super().__init__(
            f"Signed out on this machine, which keeps no session any more; but the service {failure}.",
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


class PasskeyOfWebAppError(MfaTuiError):
    """The passkeys belong to the domain of the environment's web app."""

    def __init__(self) -> None:
        super().__init__(
            "This passkey belongs to the domain of the web app, and works only there.",
            impact=CODES_UNCHANGED,
            hint="Finish in the web app, or use a code here.",
        )


class HandoffDeclinedError(MfaTuiError):
    """The user of the browser did not see the code of this terminal."""

    def __init__(self) -> None:
        super().__init__(
            "The browser declined: whoever opened the link did not see this terminal's code.",
            impact="Nothing was changed, and no code is used up.",
            hint="If that was not you, somebody else has the link: start again. Otherwise compare the codes once more.",
        )


class HandoffReopenedError(MfaTuiError):
    """The link was opened a second time before an answer, which ends it."""

    def __init__(self) -> None:
        super().__init__(
            "The link was opened a second time, and works once: it has ended.",
            impact="Nothing was changed, and no code is used up.",
            hint="Start again for a new link. If you opened it only once, somebody else has seen it.",
        )


class HandoffExpiredError(MfaTuiError):
    """No browser has answered in time, or a newer link has replaced this one."""

    def __init__(self) -> None:
        super().__init__(
            "The link has expired: no browser has answered in time, or another program has asked for a newer link.",
            impact="Nothing was changed, and no code is used up.",
            hint="Start again for a new link, or use a code.",
        )


class AuthenticatorExistsError(MfaTuiError):
    """The service takes one authenticator app, and one exists."""

    def __init__(self) -> None:
        super().__init__(
            "An authenticator app exists already, and the service takes only one.",
            impact="Your recovery codes and the app are unchanged.",
            hint="Remove the app first; then add the other.",
        )


class RotationUnknownError(MfaTuiError):
    """The response was lost, and the set cannot be read back."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether the codes were replaced: the response did not arrive, and the set cannot be read.",
            impact="Keep the old codes, but do not rely on them yet.",
            hint="Run mfa-tui codes: it finds out, and does not rotate again.",
        )


class DamagedCodesError(MfaTuiError):
    """The built-in service cannot read some codes in its database any more; the others are shown.

    Args:
        count: How many codes those are.
    """

    def __init__(self, count: int) -> None:
        codes = "One code is" if count == 1 else f"{count} codes are"
        super().__init__(
            f"{codes} damaged in the service's database and cannot be shown.",
            impact="The codes that are shown work; the damaged ones may not.",
            hint="Rotate: that replaces them all.",
        )


class RotationUnderWayError(MfaTuiError):
    """An earlier rotation may still be under way; nothing was sent now.

    Args:
        seconds: How long it may take at most.
    """

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self, seconds: float) -> None:
        until = datetime.now().astimezone() + timedelta(seconds=math.ceil(seconds))
        super().__init__(
            "An earlier rotation may still be under way: its response did not arrive.",
            impact="It may replace the codes until it is over. Nothing was sent now.",
            hint=f"Wait {formatting.duration(math.ceil(seconds))}, until {until:%H:%M:%S}; then try again.",
        )


class NewCodesNotReturnedError(MfaTuiError):
    """The set was replaced, and the service does not return the new codes."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced, and the service does not return the new ones.",
            impact=OLD_CODES_INVALID,
            hint="Rotate once more to get a set that you can see.",
        )


class UnseenCodesError(MfaTuiError):
    """The set was replaced since a rotation was requested, and this program has not shown the new codes."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced since a rotation was requested here, and the new ones were not shown here yet.",
            impact="The old codes no longer work; the new ones are at the service.",
            hint="Show them with mfa-tui codes, save them, then run mfa-tui acknowledge.",
        )


class CodesNotShownError(MfaTuiError):
    """No program of this user has shown the codes that are to be confirmed."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were not confirmed: mfa-tui has not shown them on this machine yet.",
            impact="A copy of yours may be of an older set. Nothing was changed.",
            hint="Show them with mfa-tui codes, compare and save them, then run mfa-tui acknowledge.",
        )


class NoCodesLeftError(MfaTuiError):
    """All codes are used, so none can be confirmed."""

    def __init__(self) -> None:
        super().__init__(
            "No code is left to confirm.",
            impact="Nothing was changed: without any, a lost phone locks you out.",
            hint="Rotate to get new ones: mfa-tui rotate.",
        )


class InterruptedUseError(MfaTuiError):
    """The program ended while a code was being used, before the response to it arrived.

    Args:
        number: The number of the code in its set; None if it is not known.
        is_used: Whether the code is used up or, without a number, may be.
    """

    def __init__(self, number: int | None, *, is_used: bool) -> None:
        subject = "A code" if number is None else f"Code {number}"
        impact, hint = ("It is still valid.", "No code was lost.")
        if is_used and number is None:
            impact, hint = ("It may be used up.", "Cross out the code that you typed.")
        elif is_used:
            impact, hint = ("It is used up.", "Cross it out.")
        super().__init__(f"{subject} was sent before, and the response did not arrive.", impact=impact, hint=hint)
