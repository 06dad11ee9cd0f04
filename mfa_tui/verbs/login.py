"""`mfa-tui login`: sign in with a code from the mail."""

import argparse

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import lines
from mfa_tui.verbs import job, use
from mfa_tui.verbs.sign_in import sign_in


def run(arguments: argparse.Namespace) -> ExitCode:
    """Sign in anew. A challenge that is pending then is finished at once where somebody can be asked for a code.

    Raises:
        ChallengePending: Nobody can be asked: `mfa-tui use` finishes it.
        MfaTuiError: As `sign_in` and `pass_challenge`.
    """
    return job.run(arguments, _login, signs_in=True)


async def _login(account: Account) -> ExitCode:
    await sign_in(account)
    if account.state.stage is Stage.CHALLENGE_PENDING and lines.is_interactive():
        await use.pass_challenge(account)
    job.require_passed(account)
    lines.note(f"Signed in as {job.whose(account)}.")
    return ExitCode.DONE
