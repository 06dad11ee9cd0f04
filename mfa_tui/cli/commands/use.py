"""`mfa-tui use`: complete the pending challenge with a code."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.cli import runner
from mfa_tui.cli.commands.login import pass_challenge, report_result, sign_in
from mfa_tui.cli.options import UseOptions
from mfa_tui.cli.rotate_ui import RotateUI
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.terminal import console
from mfa_tui.workflows import messages
from mfa_tui.workflows.passkeys import use_passkey


def run(options: UseOptions) -> ExitCode:
    """Complete the challenge with a code that the user types or that is one line of stdin.

    A session whose challenge is pending is not stored. So this signs in first, unless the stored session is valid;
    then no challenge is pending, and no code is used.

    Raises:
        UsageError: A passkey is wanted, and the user cannot be asked.
        InvalidCodeError: The code was not accepted; it was sent once.
        OutcomeUnknownError: The code may be used.
        MfaTuiError: As `sign_in`, or the text cannot be a code.
    """
    if options.passkey and not console.is_interactive():
        raise UsageError(
            "A passkey needs a user at a terminal, and stdin is not one.",
            hint="Run it in a terminal, or give a code on one line of stdin without --passkey.",
        )
    return runner.run(options, partial(_use, by_passkey=options.passkey), may_create_profile=True)


async def _use(account: Account, *, by_passkey: bool) -> ExitCode:
    ui = RotateUI()
    await account.resume_session()
    if account.state.stage is Stage.NO_SESSION:
        await sign_in(account, ui)
    if account.state.stage is not Stage.CHALLENGE_PENDING:
        ui.show(messages.NO_CHALLENGE_PENDING)
        return ExitCode.DONE
    if by_passkey:
        if not await use_passkey(account, ui):
            return ExitCode.REFUSED
        return await report_result(account, ui)
    return await pass_challenge(account, ui)
