"""The errors that the program explains to the user, as one tree by cause.

    MfaTuiError
    ├── UsageError                        the command line, the configuration or the terminal is wrong
    │   ├── storage.profile.ConfigError
    │   └── storage.config.UnknownProfileError
    ├── storage.errors.StorageError       a file could not be read, written or removed
    ├── server.errors.ServiceError        the built-in service cannot run on its data folder
    └── client.errors.ApiError            a request to the API failed
        ├── NotSentError                  nothing reached the service
        ├── OutcomeUnknownError           the service may have done what was requested
        └── RefusedError                  the service refused, with a reason

The packages above `client` and `storage` derive the errors of their own operations from `MfaTuiError`.
"""

from enum import IntEnum
from typing import Final

CODES_UNCHANGED = "Your codes are unchanged."
"""The impact of every error that changes no code."""

OLD_CODES_INVALID = "The old codes no longer work."


class ExitCode(IntEnum):
    """The program's exit codes, on which scripts rely."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    CHALLENGE_PENDING = 4
    RATE_LIMITED = 5
    NOT_REACHED = 6
    OUTCOME_UNKNOWN = 7
    NOT_KEPT = 8
    """A rotation happened, but its codes could not be shown or saved."""
    FAULT = 70
    HANGUP = 129
    INTERRUPTED = 130
    QUIT = 131
    TERMINATED = 143


class MfaTuiError(Exception):
    """Base class of every error that is shown to the user.

    Args:
        message: What happened, as a sentence.
        impact: What it means for the user's codes, as a sentence.
        hint: What to do next, as a sentence.
    """

    exit_code: ExitCode = ExitCode.REFUSED

    def __init__(self, message: str, *, impact: str, hint: str) -> None:
        super().__init__(message)
        self.message: Final = message
        self.impact: Final = impact
        self.hint: Final = hint

    @property
    def details(self) -> str:
        """One line for the service's operator, or an empty string."""
        return ""

    def __str__(self) -> str:
        """Return message, impact and hint as one text."""
        return f"{self.message} {self.impact} {self.hint}"


class UsageError(MfaTuiError):
    """The command line, the environment or the terminal is wrong; nothing was done."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, impact="Nothing was done.", hint=hint)
