"""What can go wrong, as one tree by cause.

MfaTuiError
├── UsageError              the command line or the terminal is not right
├── storage.StorageError    a file of ours could not be read or written
├── service.ServiceError    the embedded service cannot run on its data folder
└── dynamic.DynamicError    a call of the API did not end well
    ├── NotSent             nothing reached the service
    ├── OutcomeUnknown      it may have happened
    └── Refused             the service said no, with a reason
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
        happened: What happened, as a sentence.
        codes: What it means for the person's codes, as a sentence.
        next_step: What to do next, as a sentence.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.REFUSED

    def __init__(self, happened: str, *, codes: str, next_step: str) -> None:
        super().__init__(happened)
        self.happened = happened
        self.codes = codes
        self.next_step = next_step

    @property
    def details(self) -> str:
        """What whoever runs the service asks for, on one line; empty where there is nothing."""
        return ""

    def __str__(self) -> str:
        """The three sentences, in the order in which a person needs them."""
        return f"{self.happened} {self.codes} {self.next_step}"


class UsageError(MfaTuiError):
    """The command line, the environment or the terminal is not right; nothing was done."""

    exit_code = ExitCode.USAGE

    def __init__(self, happened: str, *, next_step: str) -> None:
        super().__init__(happened, codes="Nothing was done.", next_step=next_step)
