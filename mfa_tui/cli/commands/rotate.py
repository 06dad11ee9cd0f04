"""`mfa-tui rotate`: replace the whole set."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.options import RotateOptions
from mfa_tui.cli.rotate_ui import RotateUI
from mfa_tui.errors import OLD_CODES_INVALID, ExitCode, UsageError
from mfa_tui.terminal import console
from mfa_tui.terminal.stores.places import parse_place
from mfa_tui.terminal.stores.store import CodeStore
from mfa_tui.workflows import messages
from mfa_tui.workflows.rotate import rotate


def run(options: RotateOptions) -> ExitCode:
    """Replace the set by a new one, and print that or save it to a place.

    Ends with `REFUSED` if the user declines.

    Raises:
        UsageError: The user cannot be asked, and `--yes` was not given.
        StoreError: The place cannot take codes; nothing was replaced.
        StorageError: The file cannot be created, or the record cannot be written; nothing was replaced.
        RotationUnderWayError: An earlier rotation may still be under way; this one was not requested.
        UnseenCodesError: An earlier rotation did replace the set; this one was not requested.
        NotRotatedError: The response was lost, and nothing was replaced so far.
        RotationUnknownError: The response was lost, and it is not known whether the set was replaced.
        NewCodesLostError: The set was replaced, and the new codes could not be printed or saved.
        MfaTuiError: No user is signed in, a challenge is pending, the service refused or did not respond, or it is not
            certain that the new codes work.
    """
    if not options.yes and not console.is_interactive():
        raise UsageError("stdin is not a terminal.", hint="Give --yes to rotate without being asked.")
    store = None if options.save is None else parse_place(options.save)
    return runner.run(options, partial(_rotate, assume_yes=options.yes, store=store, as_json=options.json))


async def _rotate(account: Account, *, assume_yes: bool, store: CodeStore | None, as_json: bool) -> ExitCode:
    ui = RotateUI(store, assume_yes=assume_yes, as_json=as_json)
    if not await ui.prepare():
        return ExitCode.REFUSED
    await runner.require_signed_in(account)
    ui.show(f"This replaces the codes of {runner.describe(account)}.")
    if await rotate(account, ui, ui.backup_options) is None:
        return ExitCode.REFUSED
    ui.show(f"{OLD_CODES_INVALID} {messages.stale_copies(account.state)}".rstrip())
    ui.show("Once the new ones are where you will find them, confirm it: mfa-tui acknowledge.")
    return ExitCode.DONE
