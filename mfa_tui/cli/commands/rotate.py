"""`mfa-tui rotate`: replace the whole set."""

from functools import partial
from pathlib import Path
from typing import Self

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import NotRotatedError
from mfa_tui.account.rotation import RotationOutcome
from mfa_tui.account.state import RotationStatus, State
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.commands import codes
from mfa_tui.cli.options import RotateOptions
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.storage import saved_codes
from mfa_tui.storage.errors import StorageError
from mfa_tui.terminal import console
from mfa_tui.workflows import messages
from mfa_tui.workflows.rotate import rotate


def run(options: RotateOptions) -> ExitCode:
    """Replace the set by a new one, and print that or save it to a new file.

    Ends with `REFUSED` if the user declines, or if the new codes could not be saved; a message says how to get them.

    Raises:
        UsageError: The user cannot be asked, and `--yes` was not given.
        NotAFileError: `--save` names a folder, or nothing.
        StorageError: The file cannot be created, or the journal cannot be written; nothing was replaced.
        NotRotatedError: The response was lost, and nothing was replaced.
        RotationUnknownError: The response was lost, and it is not known whether the set was replaced.
        UnseenCodesError: An earlier rotation did replace the set; this one was not requested.
        MfaTuiError: No user is signed in, a challenge is pending, or the service refused or did not respond.
    """
    if not options.yes and not console.is_interactive():
        raise UsageError("stdin is not a terminal.", hint="Give --yes to rotate without being asked.")
    path = None if options.save is None else saved_codes.parse_path(options.save)
    if path is not None:
        saved_codes.require_writable(path)
    return runner.run(options, partial(_rotate, assume_yes=options.yes, path=path, as_json=options.json))


async def _rotate(account: Account, *, assume_yes: bool, path: Path | None, as_json: bool) -> ExitCode:
    ui = CommandUI(assume_yes=assume_yes)
    await runner.require_signed_in(account)
    ui.show(f"This replaces the codes of {runner.describe(account)}.")
    delivery = CodeDelivery(account, path)
    outcome = await rotate(account, ui, ["in the file"] if path else ["by copying what is printed"], delivery)
    if outcome is None:
        return ExitCode.REFUSED
    _require_rotated(account, outcome)
    if path is None:
        codes.show(account, as_json=as_json)
    return _report(ui, path, delivery.error)


class CodeDelivery:
    """A context manager that writes a new set to a file as soon as it arrives, before anything else can fail.

    Args:
        account: The account whose codes are rotated.
        path: The file; None writes nothing.
    """

    error: StorageError | None = None
    """Why the file could not be written."""

    def __init__(self, account: Account, path: Path | None) -> None:
        self._account = account
        self._path = path

    def __enter__(self) -> Self:
        self._old = self._account.state.codes
        self._unsubscribe = self._account.subscribe(self._write)
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()

    def _write(self, state: State) -> None:
        is_old = state.codes in (None, self._old) or state.rotation_status is RotationStatus.NOT_ROTATED
        if self._path is None or is_old:
            return
        try:
            saved_codes.write(self._path, messages.codes_sheet(self._account).as_text().encode())
        except StorageError as error:
            self.error = error
        self._path = None


def _require_rotated(account: Account, outcome: RotationOutcome) -> None:
    if outcome.status is RotationStatus.NOT_ROTATED:
        raise NotRotatedError
    if problem := account.state.codes_problem:
        raise problem


def _report(ui: CommandUI, path: Path | None, error: StorageError | None) -> ExitCode:
    if error is not None:
        ui.show(
            f"{error.message} The codes were replaced nevertheless, and the old ones no longer work. "
            "The new ones are at the service: mfa-tui codes shows them."
        )
        return ExitCode.REFUSED
    if path is not None:
        name = sanitize.one_line(str(path), 200)
        ui.show(f"The new codes are saved in {name}, and the old ones no longer work.")
    ui.show("Once they are where you will find them, confirm it: mfa-tui acknowledge.")
    return ExitCode.DONE
