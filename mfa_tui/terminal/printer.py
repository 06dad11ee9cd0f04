"""The system's printer, through `lp`."""

import shutil

from mfa_tui.errors import MfaTuiError
from mfa_tui.terminal import process

TIMEOUT = 20.0
"""Seconds for `lp` to take the job."""


class PrinterError(MfaTuiError):
    """`lp` did not take the job."""

    def __init__(self) -> None:
        super().__init__(
            "The printer did not take the codes.",
            impact="Your codes are as they were.",
            hint="Save them to a file, or write them down.",
        )


def has_printer() -> bool:
    """Return whether there is an `lp` to print with."""
    return shutil.which("lp") is not None


async def print_text(text: str) -> None:
    """Hand the text to `lp`, on its standard input, and wait until it took the job.

    Raises:
        PrinterError: It refused, or took longer than 20 s.
    """
    if await process.run_with_input(["lp"], text, TIMEOUT) != 0:
        raise PrinterError
