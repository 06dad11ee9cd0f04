"""The errors that a request to the API raises, by outcome and then by reason.

    ApiError
    ├── NotSentError                     nothing reached the service: safe to repeat
    │   ├── TlsError                     its certificate could not be verified, or TLS failed otherwise
    │   └── RequestCancelledError        the user has cancelled it before anything could change
    ├── OutcomeUnknownError              the service may have acted: repeated only if the service is idempotent
    └── RefusedError                     the service refused: nothing changed
        ├── NotSignedInError             no session, or one that has ended
        ├── ChallengePendingError        the session must pass a factor first
        ├── StepUpRequiredError          the action requires a fresh factor
        ├── InvalidCodeError             the code of a factor is wrong
        │   ├── InvalidTotpCodeError     the code of an authenticator app is wrong
        │   └── InvalidPasskeyError      the passkey is not accepted
        ├── DeviceNotFoundError          no such authenticator app or passkey exists
        ├── RateLimitedError             too many attempts
        ├── WrongEmailCodeError          the code from the mail is wrong
        ├── EmailCodeExhaustedError      the code from the mail was tried too often
        ├── CodesNotReturnedError        the service does not show a set that is acknowledged
        ├── RecoveryCodesChangedError    another set is valid than the one that the request is about
        ├── UnknownEnvironmentError      the service has no such environment
        ├── NotOfferedError              the service does not have this
        └── ServiceStorageError          the built-in service could not use its database

A request that returns is done. Errors carry facts, fixed at construction; `messages` turns them into sentences. No
error keeps a body, a URL or the content of a request.
"""

from typing import ClassVar, Final

from mfa_tui.client import messages
from mfa_tui.client.messages import Explanation, Operation
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.protocol.error_codes import ErrorCode


class ApiError(MfaTuiError):
    """A request to the API failed.

    Args:
        code: The API's error code, or an empty string if the response has none.
        status: The HTTP status, or None if no response arrived.
        retry_after: The seconds after which the service accepts another attempt, or None if it does not say.
        request_id: The request's `x-dyn-request-id`, which the vendor's support asks for.
    """

    explanation: ClassVar[Explanation]
    """The sentences for the user, if they depend on no fact."""

    def __init__(
        self, *, code: str = "", status: int | None = None, retry_after: int | None = None, request_id: str = ""
    ) -> None:
        self.code: Final = code
        self.status: Final = status
        self.retry_after: Final = retry_after
        self.request_id: Final = request_id
        message, impact, hint = self._explain()
        super().__init__(message, impact=impact, hint=hint)

    def _explain(self) -> Explanation:
        return self.explanation

    @property
    def details(self) -> str:
        """The request id, if nothing else explains the error."""
        is_explained = type(self) not in {RefusedError, OutcomeUnknownError}
        return "" if is_explained or not self.request_id else f"request id: {self.request_id}"


class NotSentError(ApiError):
    """Nothing reached the service, so nothing changed: safe to repeat."""

    exit_code = ExitCode.NOT_REACHED
    explanation = messages.NOT_SENT


class TlsError(NotSentError):
    """TLS failed: whoever answered did not prove to be the service, so nothing was sent to them."""

    exit_code = ExitCode.REFUSED
    explanation = messages.TLS_FAILED


class RequestCancelledError(NotSentError):
    """The user has cancelled a request that only reads, or of which nothing had left yet: nothing changed."""

    explanation = messages.CANCELLED


class OutcomeUnknownError(ApiError):
    """The response was lost or could not be read: the service may have done what was requested.

    Args:
        operation: The operation that may have happened.
        status: The HTTP status, or None if no response arrived.
        waited: The seconds for which no response arrived, or None if it was lost in another way.
        request_id: The request's id.
    """

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(
        self, operation: Operation, *, status: int | None = None, waited: float | None = None, request_id: str = ""
    ) -> None:
        self.operation: Final = operation
        self.waited: Final = waited
        if operation is Operation.READ:
            self.exit_code = ExitCode.NOT_REACHED  # nothing that changes was sent
        super().__init__(status=status, request_id=request_id)

    def _explain(self) -> Explanation:
        return messages.outcome_unknown(self.operation, self.status, self.waited)


class RefusedError(ApiError):
    """The service refused the request: nothing changed.

    Args:
        service_message: The service's own words, sanitized, on one line, or an empty string.
        clock_skew: How far the service's clock is ahead of this machine's, in seconds, or None if it is unknown.
        code: The API's error code.
        status: The HTTP status.
        retry_after: The seconds after which the service accepts another attempt.
        request_id: The request's id.
    """

    def __init__(  # noqa: PLR0913 - keyword-only facts, most of which are absent
        self,
        *,
        service_message: str = "",
        clock_skew: float | None = None,
        code: str = "",
        status: int | None = None,
        retry_after: int | None = None,
        request_id: str = "",
    ) -> None:
        self.service_message: Final = service_message
        self.clock_skew: Final = clock_skew
        super().__init__(code=code, status=status, retry_after=retry_after, request_id=request_id)

    def _explain(self) -> Explanation:
        return messages.refused(self.service_message) if type(self) is RefusedError else self.explanation


class NotSignedInError(RefusedError):
    """401: there is no session, or it has ended or was revoked."""

    exit_code = ExitCode.NOT_SIGNED_IN
    explanation = messages.NOT_SIGNED_IN


class ChallengePendingError(RefusedError):
    """403: the session must pass a factor before it may do this."""

    exit_code = ExitCode.CHALLENGE_PENDING
    explanation = messages.CHALLENGE_PENDING


class StepUpRequiredError(RefusedError):
    """403: the action requires an elevated token, which a fresh factor gives."""

    explanation = messages.STEP_UP_REQUIRED


class InvalidCodeError(RefusedError):
    """422 `mfa_invalid_code`: the code is wrong, used up, or from a set that was replaced."""

    explanation = messages.INVALID_CODE


class InvalidTotpCodeError(InvalidCodeError):
    """422 `mfa_invalid_code` for a code of an authenticator app: it is wrong, too old, or used up."""

    def _explain(self) -> Explanation:
        return messages.invalid_totp_code(self.clock_skew)


class InvalidPasskeyError(InvalidCodeError):
    """422 `mfa_invalid_code` for a passkey: it is of another account, or was removed or copied."""

    explanation = messages.INVALID_PASSKEY


class DeviceNotFoundError(RefusedError):
    """422 `mfa_device_not_found`: no authenticator app is enrolled, or the named app or passkey was removed."""

    explanation = messages.DEVICE_NOT_FOUND


class RateLimitedError(RefusedError):
    """429: there were too many attempts."""

    exit_code = ExitCode.RATE_LIMITED

    def _explain(self) -> Explanation:
        return messages.rate_limited(self.retry_after)


class WrongEmailCodeError(RefusedError):
    """422 `wrong_email_verification_token`."""

    explanation = messages.WRONG_EMAIL_CODE


class EmailCodeExhaustedError(RefusedError):
    """422 `too_many_email_verification_attempts`: the code no longer works."""

    explanation = messages.EMAIL_CODE_EXHAUSTED


class CodesNotReturnedError(RefusedError):
    """The service does not list the codes: the vendor's React docs say so of an acknowledged set."""

    explanation = messages.CODES_NOT_RETURNED


class RecoveryCodesChangedError(RefusedError):
    """409 `recovery_codes_changed`: another set is valid than the one that the request is about."""

    explanation = messages.RECOVERY_CODES_CHANGED


class UnknownEnvironmentError(RefusedError):
    """404: the service does not know the environment."""

    explanation = messages.UNKNOWN_ENVIRONMENT


class NotOfferedError(RefusedError):
    """501: the service does not have this; its own words say what is missing."""

    def _explain(self) -> Explanation:
        return messages.not_offered(self.service_message)


class ServiceStorageError(RefusedError):
    """503 `storage_…`: the built-in service could not use its database, and changed nothing; the code says why."""

    exit_code = ExitCode.NOT_REACHED

    def _explain(self) -> Explanation:
        return messages.SERVICE_STORAGE.get(self.code, messages.SERVICE_STORAGE[ErrorCode.STORAGE_FAILED])
