"""Opens the account for a command, runs the command, and closes the account."""

import asyncio
from collections.abc import Awaitable, Callable

from mfa_tui import connection, sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.client.errors import ChallengePendingError
from mfa_tui.errors import ExitCode
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal import console, signals
from mfa_tui.workflows.waiting import reporting_waits

CommandAction = Callable[[Account], Awaitable[ExitCode]]


def run(options: ProfileOptions, action: CommandAction, *, may_create_profile: bool = False) -> ExitCode:
    """Run an action with the account of the profile that the options name, and return the exit code.

    `may_create_profile` is for commands that sign in; for others an unknown profile name is an error.

    Raises:
        MfaTuiError: The action failed; the error has the exit code.
    """
    signals.exit_on_signal()
    return asyncio.run(_run(options, action, may_create_profile=may_create_profile))


async def resume_or_sign_in(account: Account) -> None:
    """Resume the stored session, or sign in if that needs no user.

    Raises:
        NotSignedInError: The user has to sign in.
        ApiError: The service refused, or did not respond.
        StorageError: The stored session could not be read.
    """
    await account.resume_session()
    if account.state.stage is Stage.NO_SESSION:
        await account.sign_in_automatically()


async def require_signed_in(account: Account) -> None:
    """Resume the stored session or sign in, and check that no challenge is pending.

    Raises:
        ChallengePendingError: A challenge is pending.
        MfaTuiError: As `resume_or_sign_in`.
    """
    await resume_or_sign_in(account)
    require_challenge_passed(account)


def require_challenge_passed(account: Account) -> None:
    """Check that no challenge is pending.

    Raises:
        ChallengePendingError: A challenge is pending.
    """
    if account.state.stage is Stage.CHALLENGE_PENDING:
        raise ChallengePendingError


def describe(account: Account) -> str:
    """Return the user and the service, such as `me@example.org at work, app.example.org`."""
    return f"{sanitize.one_line(account.state.email, 254)} at {account.service_name}"


async def _run(options: ProfileOptions, action: CommandAction, *, may_create_profile: bool) -> ExitCode:
    paths = AppPaths.of_current_user()
    profile = connection.load_profile(paths, options.overrides, may_be_new=may_create_profile)
    async with connection.open_account(paths, profile) as account, reporting_waits(account):
        try:
            return await action(account)
        finally:
            if account.state.warning is not None:
                console.print_message(f"mfa-tui: {account.state.warning}")
