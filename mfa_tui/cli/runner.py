"""What every verb does around its own job: opens the account, and leaves it in good order."""

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

Job = Callable[[Account], Awaitable[ExitCode]]


def run(options: ProfileOptions, job: Job, *, signs_in: bool = False) -> ExitCode:
    """Do a job with the account of the profile that the options name, and return its exit code.

    A job that `signs_in` may make a new profile; for any other one a name that is not known is a slip of the pen.

    Raises:
        MfaTuiError: Its exit code is the verb's.
    """
    signals.exit_on_signal()
    return asyncio.run(_run(options, job, signs_in=signs_in))


async def enter(account: Account) -> None:
    """Take up the session that is kept, or sign in where no person is needed for it.

    Raises:
        NotSignedInError: A person has to sign in.
        ApiError: The service refused, or did not answer.
        StorageError: The session's file could not be read.
    """
    await account.resume_session()
    if account.state.stage is Stage.NO_SESSION:
        await account.sign_in_automatically()


async def enter_fully(account: Account) -> None:
    """Enter, and see to it that no challenge is pending.

    Raises:
        ChallengePendingError: One is.
        MfaTuiError: As `enter`.
    """
    await enter(account)
    require_passed(account)


def require_passed(account: Account) -> None:
    """See to it that no challenge is pending.

    Raises:
        ChallengePendingError: One is.
    """
    if account.state.stage is Stage.CHALLENGE_PENDING:
        raise ChallengePendingError


def whose(account: Account) -> str:
    """Return whose account it is and where, as words, for a person to see that it is the one they mean."""
    return f"{sanitize.one_line(account.state.email, 254)} at {account.service_name}"


async def _run(options: ProfileOptions, job: Job, *, signs_in: bool) -> ExitCode:
    places = AppPaths.of_current_user()
    profile = connection.load_profile(places, options.overrides, may_be_new=signs_in)
    async with connection.open_account(places, profile) as account:
        try:
            return await job(account)
        finally:
            if account.state.warning is not None:
                console.print_message(f"mfa-tui: {account.state.warning}")
