"""The system's printer, through `lp`."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE

from mfa_tui.errors import MfaTuiError

_LONGEST_WAIT = 20
"""Seconds for `lp` to take the job."""


class PrinterError(MfaTuiError):
    """`lp` did not take the job."""

    def __init__(self) -> None:
        super().__init__(
            "The printer did not take the codes.",
            codes="Your codes are as they were.",
            next_step="Save them to a file, or write them down.",
        )


def has_printer() -> bool:
    """Return whether there is an `lp` to print with."""
    return shutil.which("lp") is not None


async def print_text(text: str) -> None:
    """Hand the text to `lp`, on its standard input, and wait until it took the job.

    Raises:
        PrinterError: It refused, or took longer than 20 s.
    """
    try:
        lp = await asyncio.create_subprocess_exec("lp", stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL)
    except OSError:
        raise PrinterError from None
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await lp.communicate(text.encode())
    except TimeoutError:
        lp.kill()
        raise PrinterError from None
    if lp.returncode != 0:
        raise PrinterError
