"""Runs the line mode: the stage of the account decides the next step."""

import asyncio

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.errors import ExitCode, MfaTuiError, UsageError
from mfa_tui.line_mode.line_ui import LineUI
from mfa_tui.line_mode.menu import run_menu
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile, ProfileOverrides
from mfa_tui.terminal import capabilities, console, signals
from mfa_tui.workflows import messages
from mfa_tui.workflows.challenge import advise_after_use, complete_challenge, introduce_challenge, read_challenge_result
from mfa_tui.workflows.sign_in import sign_in
from mfa_tui.workflows.waiting import reporting_waits


def run(overrides: ProfileOverrides, *, challenge_alone: bool) -> ExitCode:
    """Run until the user quits, and return the exit code.

    Raises:
        UsageError: The user cannot be asked, or the configuration is invalid.
        MfaTuiError: Input ended, or the built-in service cannot start.
    """
    if not console.is_interactive():
        raise UsageError(
            "The line mode asks questions, and stdin is not a terminal.",
            hint="Run it in a terminal; scripts use the commands: see mfa-tui --help.",
        )
    signals.exit_on_signal()
    return asyncio.run(_run(overrides, challenge_alone=challenge_alone))


async def _run(overrides: ProfileOverrides, *, challenge_alone: bool) -> ExitCode:
    paths = AppPaths.of_current_user()
    ui = LineUI()
    profile = connection.load_profile(paths, overrides)
    while True:
        async with connection.open_account(paths, profile) as account, reporting_waits(account):
            ui.show("mfa-tui, line by line.")
            result = await (_run_challenge(account, ui) if challenge_alone else _run_all(account, ui))
        if isinstance(result, ExitCode):
            return result
        profile = result
        console.hints.profile = profile.name


async def _run_all(account: Account, ui: LineUI) -> ExitCode | Profile:
    """Run until the user quits or chooses another profile, which is the result."""
    with ui.reporting():
        await account.resume_session()
    while True:
        if account.state.stage is Stage.NO_SESSION and (error := await _sign_in(account, ui)):
            return error.exit_code
        if account.state.stage is Stage.CHALLENGE_PENDING and not await _complete_challenge(account, ui):
            return ExitCode.REFUSED
        if (result := await run_menu(account, ui)) is not None:
            return result


async def _run_challenge(account: Account, ui: LineUI) -> ExitCode:
    if error := await _sign_in(account, ui):
        return error.exit_code
    if account.state.stage is not Stage.CHALLENGE_PENDING:
        ui.show(messages.NOTHING_TO_CHALLENGE)
        return ExitCode.DONE
    if not await _complete_challenge(account, ui):
        return ExitCode.REFUSED
    ui.show(await read_challenge_result(account))
    await advise_after_use(account, ui, capabilities.backup_options())
    return ExitCode.DONE


async def _sign_in(account: Account, ui: LineUI) -> MfaTuiError | None:
    """Sign in; return the last error if the user quits instead, None once a session exists."""
    while account.state.session is None:
        ui.show_progress(messages.SIGNING_IN)
        try:
            await sign_in(account, ui)
        except console.NoTerminalError:
            raise
        except MfaTuiError as error:
            ui.show(error)
            if account.state.session is None and ui.ask(messages.WHAT_NEXT, ("Try again", "Quit")) == 1:
                return error
    return None


async def _complete_challenge(account: Account, ui: LineUI) -> bool:
    """Complete the challenge; return whether it is passed, and not given up."""
    await introduce_challenge(account, ui)
    while account.state.stage is Stage.CHALLENGE_PENDING:
        with ui.reporting():
            if not await complete_challenge(account, ui):
                ui.show(messages.CHALLENGE_GIVEN_UP)
                return False
    return account.state.stage is not Stage.NO_SESSION
