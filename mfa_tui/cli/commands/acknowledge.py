"""`mfa-tui acknowledge`: say that the codes are saved."""

from mfa_tui.account import rules
from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.terminal import console


class NoCodesError(MfaTuiError):
    """There is no set that could be saved."""

    def __init__(self) -> None:
        super().__init__(
            "There are no codes yet that could be saved.",
            impact="None were made.",
            hint="See them with mfa-tui codes, which has the first ones made; save them, and then say so.",
        )


def run(options: ProfileOptions) -> ExitCode:
    """Tell the service that the codes are saved.

    Raises:
        MfaTuiError: There are none, or they were replaced unseen; nobody is signed in, a challenge is pending, the
            service refused or did not answer.
    """
    return runner.run(options, _acknowledge)


async def _acknowledge(account: Account) -> ExitCode:
    await runner.enter_fully(account)
    if account.user.mfa_backup_code_acknowledgement is None:
        raise NoCodesError
    was_pending = rules.is_pending_recovery_codes_acknowledgment(account.user)
    await account.acknowledge_recovery_codes()
    if was_pending:
        console.print_message(f"The service knows now that the codes of {runner.whose(account)} are saved.")
        console.print_message("From now on each sign-in asks for a second factor.")
    else:
        console.print_message(
            f"Nothing changed: that the codes of {runner.whose(account)} are saved, the service knew already."
        )
    return ExitCode.DONE
