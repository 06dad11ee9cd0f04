"""`mfa-tui login`: sign in with a code from an e-mail."""

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.cli.rotate_ui import RotateUI
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.terminal import console
from mfa_tui.workflows import messages
from mfa_tui.workflows import sign_in as workflow
from mfa_tui.workflows.challenge import advise_after_use, complete_challenge, read_challenge_result


class NoEmailCodeError(console.InputEndedError):
    """Input ended before the code from the e-mail, which is on its way."""

    def __init__(self) -> None:
        MfaTuiError.__init__(
            self,
            "Input ended before the code from the e-mail.",
            impact="The e-mail was sent; nobody is signed in, and no recovery code is used.",
            hint="Run it again in a terminal, or give the code from its e-mail as the first line on standard input.",
        )


def run(options: ProfileOptions) -> ExitCode:
    """Sign in. If a challenge is pending then, complete it at once if the user can be asked.

    Raises:
        ChallengePendingError: The user cannot be asked: `mfa-tui use` completes it.
        MfaTuiError: As `sign_in` and `complete_challenge`.
    """
    return runner.run(options, _login, may_create_profile=True)


async def sign_in(account: Account, ui: CommandUI) -> None:
    """Sign in.

    Raises:
        UsageError: The environment or the e-mail address is not known.
        NoEmailCodeError: Input ended before the code.
        MfaTuiError: The service refused, or did not respond; or the environment needs what a terminal cannot do.
    """
    try:
        while not await workflow.sign_in(account, ui):
            pass
    except console.InputEndedError:
        raise NoEmailCodeError from None


async def pass_challenge(account: Account, ui: RotateUI) -> ExitCode:
    """Complete the challenge, and print how many codes are left.

    Raises:
        MfaTuiError: As `complete_challenge`.
    """
    if not await complete_challenge(account, ui):
        ui.show(messages.CHALLENGE_GIVEN_UP)
        return ExitCode.REFUSED
    return await report_result(account, ui)


async def report_result(account: Account, ui: RotateUI) -> ExitCode:
    """Print that the challenge is passed and how many codes are left; offer to rotate if few are."""
    console.print_text(await read_challenge_result(account))
    await advise_after_use(account, ui, ui.backup_options)
    return ExitCode.DONE


async def _login(account: Account) -> ExitCode:
    ui = RotateUI()
    await sign_in(account, ui)
    if account.state.stage is Stage.CHALLENGE_PENDING and ui.is_interactive:
        await pass_challenge(account, ui)
    runner.require_challenge_passed(account)
    ui.show(f"Signed in as {runner.describe(account)}.")
    return ExitCode.DONE
