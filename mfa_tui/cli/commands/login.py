"""`mfa-tui login`: sign in with a code from the mail."""

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.cli import runner
from mfa_tui.cli.commands import use
from mfa_tui.cli.commands.sign_in import sign_in
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import console


def run(options: ProfileOptions) -> ExitCode:
    """Sign in anew. A challenge that is pending then is finished at once where somebody can be asked for a code.

    Raises:
        ChallengePendingError: Nobody can be asked: `mfa-tui use` finishes it.
        MfaTuiError: As `sign_in` and `pass_challenge`.
    """
    return runner.run(options, _login, signs_in=True)


async def _login(account: Account) -> ExitCode:
    await sign_in(account)
    if account.state.stage is Stage.CHALLENGE_PENDING and console.is_interactive():
        await use.pass_challenge(account)
    runner.require_passed(account)
    console.print_message(f"Signed in as {runner.whose(account)}.")
    return ExitCode.DONE
