"""`mfa-tui rotate`: replace the whole set."""

import argparse
from functools import partial
from pathlib import Path
from typing import Self

from mfa_tui import text
from mfa_tui.account import ending, recovery, rotation
from mfa_tui.account.account import Account
from mfa_tui.account.state import Ending, State
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.storage import saved_codes
from mfa_tui.storage.errors import StorageError
from mfa_tui.terminal import lines
from mfa_tui.verbs import codes, job

KEPT = "Nothing was changed: your existing codes remain valid."
YES = "yes"


def run(arguments: argparse.Namespace) -> ExitCode:
    """Replace the set by a new one, and print that or save it to a new file.

    Ends with `REFUSED` where the person does not say yes, and where the new codes could not be saved: it is said
    where they are.

    Raises:
        UsageError: Nobody can be asked, and `--yes` was not given.
        NotAFileError: `--save` names a folder, or nothing.
        StorageError: The file cannot be made, or the journal cannot be written; nothing was replaced.
        NotRotatedError: The answer was lost, and nothing was replaced.
        InDoubtError: The answer was lost, and it is not known whether the set was replaced.
        UnseenSetError: An earlier rotation turns out to have replaced the set; this one was not asked for.
        MfaTuiError: Nobody is signed in, a challenge is pending, the service refused or did not answer.
    """
    if not arguments.yes and not lines.is_interactive():
        raise UsageError("Nobody can be asked: stdin is no terminal.", next_step="Give --yes to rotate without asking.")
    path = None if arguments.save is None else saved_codes.path_of(arguments.save)
    if path is not None:
        saved_codes.try_out(path)
    return job.run(arguments, partial(_rotate, ask=not arguments.yes, path=path, as_json=arguments.json))


async def _rotate(account: Account, *, ask: bool, path: Path | None, as_json: bool) -> ExitCode:
    await job.enter_fully(account)
    readiness = await rotation.prepare(account, ["in the file"] if path else ["by copying what is printed"])
    if account.state.ending is Ending.ROTATED:
        # An earlier rotation, whose answer was lost, did happen: this one would kill codes that nobody has seen.
        raise ending.UnseenSetError
    for sentence in readiness.missing:
        lines.note(sentence)
    lines.note(f"This replaces the codes of {job.whose(account)}.")
    if ask:
        lines.note(readiness.at_stake)
        lines.note(readiness.given)
        if lines.ask(f"Type {YES} to replace them: ").lower() != YES:
            lines.note(KEPT)
            return ExitCode.REFUSED
    with Keeping(account, path) as keeping:
        await rotation.rotate(account)
    if account.state.ending is Ending.NOT_ROTATED:
        raise ending.NotRotatedError
    if trouble := ending.trouble(account.state):
        raise trouble
    if path is None:
        codes.show(account, as_json=as_json)
    return _report(path, keeping.trouble)


class Keeping:
    """While it is entered, a new set is written to a file the moment it arrives, before anything else can fail.

    Args:
        account: Whose codes.
        path: The file; None where none is wanted.
    """

    trouble: StorageError | None = None
    """Why the file could not be written."""

    def __init__(self, account: Account, path: Path | None) -> None:
        self._account = account
        self._path = path
        self._old = account.state.codes

    def __enter__(self) -> Self:
        self._unwatch = self._account.watch(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        self._unwatch()

    def _take(self, state: State) -> None:
        if self._path is None or state.codes in (None, self._old) or state.ending is Ending.NOT_ROTATED:
            return
        try:
            saved_codes.write(self._path, recovery.sheet(self._account))
        except StorageError as error:
            self.trouble = error
        self._path = None


def _report(path: Path | None, trouble: StorageError | None) -> ExitCode:
    if trouble is not None:
        lines.note(
            f"{trouble.happened} The codes were replaced all the same, and the old ones no longer work. "
            "The new ones are at the service: mfa-tui codes shows them."
        )
        return ExitCode.REFUSED
    if path is not None:
        lines.note(f"The new codes are saved in {text.one_line(str(path), 200)}, and the old ones no longer work.")
    lines.note("Once they are where you will find them, say so: mfa-tui acknowledge.")
    return ExitCode.DONE
