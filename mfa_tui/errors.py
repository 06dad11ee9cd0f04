"""What can go wrong, as one tree by cause.

MfaTuiError
├── UsageError              the command line or the terminal is not right
├── storage.StorageError    a file of ours could not be read or written
├── service.ServiceError    the embedded service cannot run on its data folder
└── dynamic.ApiError    a call of the API did not end well
    ├── NotSentError             nothing reached the service
    ├── OutcomeUnknownError      it may have happened
    └── RefusedError             the service said no, with a reason
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """How the program ends: its contract with scripts."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    CHALLENGE_PENDING = 4
    RATE_LIMITED = 5
    NOT_REACHED = 6
    OUTCOME_UNKNOWN = 7
    FAULT = 70
    HANGUP = 129
    INTERRUPTED = 130
    QUIT = 131
    TERMINATED = 143


class MfaTuiError(Exception):
    """Base of every error that a person may be told.

    Args:
        message: What happened, as a sentence.
        impact: What it means for the person's codes, as a sentence.
        hint: What to do next, as a sentence.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.REFUSED

    def __init__(self, message: str, *, impact: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.impact = impact
        self.hint = hint

    @property
    def details(self) -> str:
        """What whoever runs the service asks for, on one line; empty where there is nothing."""
        return ""

    def __str__(self) -> str:
        """The three sentences, in the order in which a person needs them."""
        return f"{self.message} {self.impact} {self.hint}"


class UsageError(MfaTuiError):
    """The command line, the environment or the terminal is not right; nothing was done."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, impact="Nothing was done.", hint=hint)
