"""`mfa-tui rotate`: replace the whole set."""

from functools import partial
from pathlib import Path
from typing import Self

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import NotRotatedError, UnseenCodesError
from mfa_tui.account.state import RotationStatus, State
from mfa_tui.cli import runner
from mfa_tui.cli.commands import codes
from mfa_tui.cli.options import RotateOptions
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.storage import saved_codes
from mfa_tui.storage.errors import StorageError
from mfa_tui.terminal import console
from mfa_tui.workflows import messages

KEPT = "Nothing was changed: your existing codes remain valid."
YES = "yes"


def run(options: RotateOptions) -> ExitCode:
    """Replace the set by a new one, and print that or save it to a new file.

    Ends with `REFUSED` where the person does not say yes, and where the new codes could not be saved: it is said
    where they are.

    Raises:
        UsageError: Nobody can be asked, and `--yes` was not given.
        NotAFileError: `--save` names a folder, or nothing.
        StorageError: The file cannot be made, or the journal cannot be written; nothing was replaced.
        NotRotatedError: The answer was lost, and nothing was replaced.
        RotationUnknownError: The answer was lost, and it is not known whether the set was replaced.
        UnseenCodesError: An earlier rotation turns out to have replaced the set; this one was not asked for.
        MfaTuiError: Nobody is signed in, a challenge is pending, the service refused or did not answer.
    """
    if not options.yes and not console.is_interactive():
        raise UsageError("Nobody can be asked: stdin is no terminal.", hint="Give --yes to rotate without asking.")
    path = None if options.save is None else saved_codes.parse_path(options.save)
    if path is not None:
        saved_codes.require_writable(path)
    return runner.run(options, partial(_rotate, ask=not options.yes, path=path, as_json=options.json))


async def _rotate(account: Account, *, ask: bool, path: Path | None, as_json: bool) -> ExitCode:
    await runner.enter_fully(account)
    readiness = await account.prepare_rotation(["in the file"] if path else ["by copying what is printed"])
    if account.state.rotation_status is RotationStatus.ROTATED:
        # An earlier rotation, whose answer was lost, did happen: this one would kill codes that nobody has seen.
        raise UnseenCodesError
    for sentence in readiness.problems:
        console.print_message(sentence)
    console.print_message(f"This replaces the codes of {runner.whose(account)}.")
    if ask:
        console.print_message(readiness.consequence)
        console.print_message(readiness.checks_passed)
        if console.read_line(f"Type {YES} to replace them: ").lower() != YES:
            console.print_message(KEPT)
            return ExitCode.REFUSED
    with CodeDelivery(account, path) as keeping:
        await account.create_new_mfa_recovery_codes()
    if account.state.rotation_status is RotationStatus.NOT_ROTATED:
        raise NotRotatedError
    if trouble := account.state.codes_problem:
        raise trouble
    if path is None:
        codes.show(account, as_json=as_json)
    return _report(path, keeping.warning)


class CodeDelivery:
    """While it is entered, a new set is written to a file the moment it arrives, before anything else can fail.

    Args:
        account: Whose codes.
        path: The file; None where none is wanted.
    """

    warning: StorageError | None = None
    """Why the file could not be written."""

    def __init__(self, account: Account, path: Path | None) -> None:
        self._account = account
        self._path = path
        self._old = account.state.codes

    def __enter__(self) -> Self:
        self._unwatch = self._account.subscribe(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        self._unwatch()

    def _take(self, state: State) -> None:
        if (
            self._path is None
            or state.codes in (None, self._old)
            or state.rotation_status is RotationStatus.NOT_ROTATED
        ):
            return
        try:
            saved_codes.write(self._path, messages.codes_sheet(self._account))
        except StorageError as error:
            self.warning = error
        self._path = None


def _report(path: Path | None, trouble: StorageError | None) -> ExitCode:
    if trouble is not None:
        console.print_message(
            f"{trouble.message} The codes were replaced all the same, and the old ones no longer work. "
            "The new ones are at the service: mfa-tui codes shows them."
        )
        return ExitCode.REFUSED
    if path is not None:
        console.print_message(
            f"The new codes are saved in {sanitize.one_line(str(path), 200)}, and the old ones no longer work."
        )
    console.print_message("Once they are where you will find them, say so: mfa-tui acknowledge.")
    return ExitCode.DONE
