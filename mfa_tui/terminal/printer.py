"""The system's printer, through `lp`."""

from mfa_tui import sanitize
from mfa_tui.errors import CODES_UNCHANGED, MfaTuiError
from mfa_tui.terminal import subprocesses

TIMEOUT = 20.0
"""Seconds for `lp` to accept the job."""


class PrinterError(MfaTuiError):
    """`lp` did not accept the job."""

    def __init__(self) -> None:
        super().__init__(
            "The printer did not take the codes.",
            impact=CODES_UNCHANGED,
            hint="Save them to a file, or write them down.",
        )


_MAX_NAME_LENGTH = 60
"""In characters."""


async def default_name() -> str:
    """Return the name of the printer that `lp` uses, from lpstat(1); empty if that names none."""
    output = await subprocesses.read_output(["lpstat", "-d"]) or b""
    _, _, name = output.decode(errors="replace").partition(": ")  # else "no system default destination"
    return sanitize.one_line(name, _MAX_NAME_LENGTH).strip()


async def print_text(text: str) -> None:
    """Send the text to the standard input of `lp`, and wait until it has accepted the job.

    Raises:
        PrinterError: `lp` refused the job, or did not end within `TIMEOUT`.
    """
    if await subprocesses.run_with_input(["lp"], text, TIMEOUT) != 0:
        raise PrinterError
