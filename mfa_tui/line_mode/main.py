"""Running the line mode: by the account's stage alone, as the screens do."""

import asyncio

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.line_mode import factor, home
from mfa_tui.line_mode.dialog import say, telling
from mfa_tui.line_mode.sign_in import sign_in
from mfa_tui.storage.config import ProfileOverrides
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal import console, signals
from mfa_tui.workflows import messages


def run(overrides: ProfileOverrides, *, challenge_alone: bool) -> ExitCode:
    """Ask and tell, line by line, until the person leaves, and return the exit code.

    Raises:
        UsageError: Nobody can be asked, or the configuration is not right.
        MfaTuiError: Input ended, or what has to be there for anything to be done is not.
    """
    if not console.is_interactive():
        raise UsageError(
            "The line mode asks, and stdin is no terminal.",
            hint="Run it in a terminal; scripts use the commands: see mfa-tui --help.",
        )
    signals.exit_on_signal()
    return asyncio.run(_run(overrides, challenge_alone=challenge_alone))


async def _run(overrides: ProfileOverrides, *, challenge_alone: bool) -> ExitCode:
    places = AppPaths.of_current_user()
    async with connection.open_account(places, connection.load_profile(places, overrides)) as account:
        say("mfa-tui, line by line.")
        return await (_challenge if challenge_alone else _stay)(account)


async def _stay(account: Account) -> ExitCode:
    with telling():
        await account.resume_session()
    while True:
        if account.state.stage is Stage.NO_SESSION:
            if obstacle := await sign_in(account):
                return obstacle.exit_code
            with telling():
                await account.save_profile()
        if account.state.stage is Stage.CHALLENGE_PENDING and not await factor.pass_challenge(account):
            say("The challenge was given up.")
            return ExitCode.REFUSED
        if await home.stay(account):
            return ExitCode.DONE


async def _challenge(account: Account) -> ExitCode:
    if obstacle := await sign_in(account):
        return obstacle.exit_code
    if account.state.stage is not Stage.CHALLENGE_PENDING:
        say("Nothing to challenge.", "Signing in asks for a code only once the codes are said to be saved.")
        say("Say so with p on the screen of the codes, by proving it here, or with mfa-tui acknowledge.")
        return ExitCode.DONE
    if not await factor.pass_challenge(account):
        say("The challenge was given up.")
        return ExitCode.REFUSED
    left = await messages.read_codes_left(account)
    say("Challenge passed.", f"{left}." if left else "How many codes are left could not be read.")
    return ExitCode.DONE
