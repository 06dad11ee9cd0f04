"""The protocol of a place in which a user keeps codes, and its errors.

The places are in `terminal`, beside the clipboard and the printer, because most of them are other programs of the
user's machine; `storage` starts no program.
"""

import shutil
from collections.abc import Sequence
from typing import Protocol

from mfa_tui import sanitize
from mfa_tui.errors import CODES_UNCHANGED, MfaTuiError, UsageError
from mfa_tui.redaction import Secret
from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal import subprocesses

NAMES = (
    "FILE",
    "pass:ENTRY",
    "keepassxc:DATABASE:ENTRY",
    "age:FILE",
    "gpg:FILE",
    "bitwarden:FILE",
    "1password:FILE",
    "printable:FILE",
)
"""The names of all places, as the user types them."""

FILE_ADVICE = "Move it to where you will find it without this machine."
ENCRYPTED_FILE_ADVICE = "Keep it and its passphrase where you can reach both without this machine."

TIMEOUT = 60.0
"""Seconds that a command may take if it does not ask the user: a password database is slow to open on purpose."""


class CodeStore(Protocol):
    """A place in which a user keeps codes."""

    name: str
    """Its name, to show, and to type in order to check it."""

    password_label: str
    """What to ask the user for before anything else; empty if the place needs no password from this program."""

    uses_terminal: bool
    """Whether its program may ask for a passphrase on the terminal itself."""

    advice: str
    """What to do with it after the codes are saved, as a sentence."""

    async def prepare(self, password: Secret) -> None:
        """Check that `save` can save a sheet there now.

        Raises:
            MfaTuiError: It cannot; nothing was changed.
        """

    async def save(self, sheet: Sheet, password: Secret) -> None:
        """Save a sheet there. It never replaces anything.

        Raises:
            MfaTuiError: It was not saved.
        """

    async def load(self, password: Secret) -> str:
        """Return the text that is kept there.

        Raises:
            MfaTuiError: Nothing is there, or it could not be read.
        """


class ProgramMissingError(UsageError):
    """The program of a place is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(f"{program} is not installed.", hint="Install it, or choose another place.")


class StoreError(MfaTuiError):
    """A place did not take or return the codes.

    Args:
        name: The name of the place.
        reason: The reason, as a clause; it may come from another program.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{sanitize.one_line(name, 300)}: {sanitize.one_line(reason, 200).rstrip('.') or 'its program failed'}.",
            impact=CODES_UNCHANGED,
            hint="Correct that, or choose another place.",
        )


async def run(
    name: str,
    command: Sequence[str],
    content: bytes = b"",
    *,
    on_terminal: bool = False,
    descriptors: Sequence[int] = (),
) -> bytes:
    """Run the command of a place, and return its output.

    Raises:
        ProgramMissingError: The program is not installed.
        StoreError: It failed, or took too long.
    """
    if on_terminal:
        ended = await subprocesses.run_on_terminal(command, content)
    else:
        ended = await subprocesses.run(command, content, TIMEOUT, descriptors)
    if ended.status is None and shutil.which(command[0]) is None:
        raise ProgramMissingError(command[0])
    if ended.status != 0:
        _, _, reason = ended.errors.decode(errors="replace").rpartition(": \n")  # after the prompt for a password
        raise StoreError(name, reason)
    return ended.output
