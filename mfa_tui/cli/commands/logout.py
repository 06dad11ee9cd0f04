"""`mfa-tui logout`: end the session and remove it."""

from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.errors import ExitCode
from mfa_tui.workflows.sign_in import sign_out


def run(options: ProfileOptions) -> ExitCode:
    """Revoke the stored session, and remove it whether the service responds or not.

    Raises:
        NotRevokedError: It is removed, but the service may keep it.
        StorageError: It could not be read or removed.
    """
    return runner.run(options, _logout)


async def _logout(account: Account) -> ExitCode:
    await sign_out(account, CommandUI())
    return ExitCode.DONE
