"""`mfa-tui acknowledge`: confirm to the service that the codes are saved."""

from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.workflows.verify import confirm_saved


class NoCodesError(MfaTuiError):
    """No set exists that could be saved."""

    def __init__(self) -> None:
        super().__init__(
            "No codes exist yet.",
            impact="None were created.",
            hint="Run mfa-tui codes, which creates the first ones; save them, then run mfa-tui acknowledge.",
        )


def run(options: ProfileOptions) -> ExitCode:
    """Confirm to the service that the codes are saved.

    Raises:
        NoCodesError: No codes exist.
        MfaTuiError: The codes were replaced and the new ones not shown; no user is signed in, a challenge is
            pending, or the service refused or did not respond.
    """
    return runner.run(options, _acknowledge)


async def _acknowledge(account: Account) -> ExitCode:
    ui = CommandUI()
    await runner.require_signed_in(account)
    if account.user.mfa_backup_code_acknowledgement is None:
        raise NoCodesError
    was_pending = account.is_pending_recovery_codes_acknowledgment()
    ui.show(f"The codes of {runner.describe(account)}:")
    await confirm_saved(account, ui)
    if not was_pending:
        ui.show("They were confirmed before; nothing changed.")
    return ExitCode.DONE
