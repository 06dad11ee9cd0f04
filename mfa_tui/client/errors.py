"""How a call can end other than well, by outcome and then by reason.

    DynamicError
    ├── NotSentError                 nothing reached the service: safe to repeat
    ├── OutcomeUnknownError          it may have happened: never repeated by the program
    └── RefusedError                 the service said no: nothing changed
        ├── NotSignedInError         no session, or one that has ended
        ├── ChallengePendingError    the session must pass a factor first
        ├── StepUpRequiredError   the action takes a fresh factor (step-up)
        ├── InvalidCodeError         the code of a factor is not right
        ├── DeviceNotFoundError        there is no such authenticator app
        ├── RateLimitedError         too many tries
        ├── WrongEmailCodeError      the code from the mail is not right
        ├── EmailCodeExhaustedError      the code from the mail was tried too often
        ├── CodesNotReturnedError            the service does not show a set that was said to be saved
        ├── UnknownEnvironmentError  the service has no such environment
        └── ServiceStorageError       the embedded service could not write its database

The call's return is the fourth outcome: done. No error keeps a body, a URL or what was sent.
"""

from typing import ClassVar

from mfa_tui import formatting
from mfa_tui.errors import ExitCode, MfaTuiError


class ApiError(MfaTuiError):
    """A call of the API did not end well.

    `request_id` is the call's `x-dyn-request-id`, which the vendor's support asks for.
    """

    request_id = ""

    @property
    def details(self) -> str:
        """The id, where nothing else explains what happened."""
        is_explained = type(self) not in {RefusedError, OutcomeUnknownError}
        return "" if is_explained or not self.request_id else f"request id: {self.request_id}"


class NotSentError(ApiError):
    """Nothing reached the service, so nothing changed: safe to repeat."""

    exit_code = ExitCode.NOT_REACHED

    def __init__(self) -> None:
        super().__init__(
            "The service could not be reached.",
            impact="Nothing was sent: your codes are as they were.",
            hint="Check the connection and the address, then try again.",
        )


class OutcomeUnknownError(ApiError):
    """The answer was lost or could not be read: what was asked for may have happened.

    Args:
        at_stake: What may have happened, as a sentence.
        then: What to do about it, as a sentence.
    """

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self, at_stake: str, then: str) -> None:
        super().__init__("The service's answer did not arrive whole.", impact=at_stake, hint=then)


class RefusedError(ApiError):
    """The service said no: nothing changed.

    Args:
        said: The service's own words, cleaned, on one line; empty where there were none.
        retry_after: After how many seconds the service would answer again, where it said so.
    """

    happened_text: ClassVar[str] = "The service refused this."
    codes_text: ClassVar[str] = "Your codes are as they were."
    next_text: ClassVar[str] = "Try again later; if it goes on, ask whoever runs the service."

    def __init__(self, said: str = "", retry_after: int | None = None) -> None:
        super().__init__(self._tell(said), impact=self.codes_text, hint=self.next_text)
        self.retry_after = retry_after

    def _tell(self, said: str) -> str:
        return (
            f"The service refused this: “{said.rstrip('.')}”."
            if said and type(self) is RefusedError
            else self.happened_text
        )


class NotSignedInError(RefusedError):
    """401: there is no session, or it has ended or was revoked."""

    exit_code = ExitCode.NOT_SIGNED_IN
    happened_text = "You are not signed in, or the session has ended."
    next_text = "Sign in again: start mfa-tui, or run mfa-tui login."


class ChallengePendingError(RefusedError):
    """403: the session must pass a factor before it may do this."""

    exit_code = ExitCode.CHALLENGE_PENDING
    happened_text = "This session has an MFA challenge pending."
    next_text = "Finish the challenge with a code first: mfa-tui challenge, or mfa-tui use."


class StepUpRequiredError(RefusedError):
    """403: the action takes an elevated token, which a fresh factor gives."""

    happened_text = "This action asks for a factor once more."
    next_text = "Enter a code of your authenticator app, or a recovery code."


class InvalidCodeError(RefusedError):
    """422 `mfa_invalid_code`: wrong, spent, or of a set that was replaced."""

    happened_text = "Not accepted: the code is mistyped, was used before, or is from a set that was replaced."
    codes_text = "Nothing was spent by this try."
    next_text = "Compare it with your list, or take the next code."


class DeviceNotFoundError(RefusedError):
    """422 `mfa_device_not_found`: no authenticator app is enrolled, or the one that was meant is gone."""

    happened_text = "This account has no such authenticator app."
    next_text = "Use a recovery code."


class RateLimitedError(RefusedError):
    """429: too many tries."""

    exit_code = ExitCode.RATE_LIMITED
    codes_text = "Nothing was done, and no code is spent."

    def _tell(self, said: str) -> str:  # noqa: ARG002 - the service's words add nothing to these
        return "Too many tries: the service lets nobody try for a while."

    def __init__(self, said: str = "", retry_after: int | None = None) -> None:
        super().__init__(said, retry_after)
        if retry_after is None:
            self.hint = "Wait a few minutes, then try again."
        else:
            self.hint = f"Wait {formatting.duration(retry_after)}, then try again."


class WrongEmailCodeError(RefusedError):
    """422 `wrong_email_verification_token`."""

    happened_text = "That is not the code from the mail."
    next_text = "Compare it with the newest mail; after three wrong tries a new one is needed."


class EmailCodeExhaustedError(RefusedError):
    """422 `too_many_email_verification_attempts`: the code is worth nothing any more."""

    happened_text = "The code from the mail was tried too often, and no longer works."
    next_text = "Have a new code sent."


class CodesNotReturnedError(RefusedError):
    """The service does not list the codes: the vendor's React docs say so of a set that is acknowledged."""

    happened_text = "The service does not show these codes again."
    codes_text = "Nothing was changed: the ones that you saved are as they were."
    next_text = "If you no longer have them, make new ones: that replaces the whole set."


class UnknownEnvironmentError(RefusedError):
    """404: the service does not know the environment."""

    happened_text = "The service has no environment with this id."
    next_text = "Check the environment id in the profile."


class ServiceStorageError(RefusedError):
    """503 `storage_failed`: the embedded service could not write its database, and rolled back."""

    exit_code = ExitCode.NOT_REACHED
    happened_text = "The embedded service could not write its database: it is locked or read-only, or the disk is full."
    codes_text = "Nothing was changed: your codes are as they were."
    next_text = "Close other programs that use it, or make room on the disk, then try again."
