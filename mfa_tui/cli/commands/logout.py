"""`mfa-tui logout`: end the session and remove it."""

from contextlib import suppress
from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import ConsentOptions
from mfa_tui.client.errors import ApiError
from mfa_tui.errors import ExitCode
from mfa_tui.workflows.sign_in import sign_out


def run(options: ConsentOptions) -> ExitCode:
    """Revoke the stored session, and remove it whether the service responds or not.

    If the user may not be able to sign in again, this asks first. Ends with `REFUSED` if the user declines.

    Raises:
        UsageError: The user cannot be asked, and `--yes` was not given.
        NotRevokedError: It is removed, but the service may keep it.
        StorageError: It could not be read or removed.
    """
    return runner.run(options, partial(_logout, ui=CommandUI(assume_yes=options.yes)))


async def _logout(account: Account, *, ui: CommandUI) -> ExitCode:
    with suppress(ApiError):
        await account.resume_session()
    return ExitCode.DONE if await sign_out(account, ui) else ExitCode.REFUSED
