"""`mfa-tui logout`: end the session and forget it."""

from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import console


def run(options: ProfileOptions) -> ExitCode:
    """Revoke the session that is kept, and forget it whether or not the service answers.

    Raises:
        NotRevokedError: It is forgotten, but the service may hold it still.
        StorageError: The session's file could not be read or removed.
    """
    return runner.run(options, _logout)


async def _logout(account: Account) -> ExitCode:
    await account.sign_out()
    console.print_message("Signed out: this machine holds no session any more.")
    return ExitCode.DONE
