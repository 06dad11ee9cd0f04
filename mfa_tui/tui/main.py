"""Runs the full-screen interface: prepares it, and cleans up after it."""

import asyncio

from mfa_tui import connection
from mfa_tui.errors import ExitCode
from mfa_tui.storage.config import Profile, ProfileOverrides
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal import capabilities, console, signals
from mfa_tui.terminal.clipboard.selection import Environment, choose_backend
from mfa_tui.timing import DEFAULT_TIMING, Timing
from mfa_tui.tui.app import MfaTui


def run(
    overrides: ProfileOverrides, *, challenge_alone: bool, hide_after: float, timing: Timing = DEFAULT_TIMING
) -> int:
    """Run the screens until the user quits, and return the exit code.

    Raises:
        UsageError: The terminal cannot show them, or the configuration is not valid.
        ServiceError: The built-in service cannot run on its data folder.
    """
    capabilities.require_full_screen()
    paths = AppPaths.of_current_user()
    profile = connection.load_profile(paths, overrides)
    return asyncio.run(_run(paths, profile, challenge_alone, hide_after, timing))


async def _run(paths: AppPaths, profile: Profile, challenge_alone: bool, hide_after: float, timing: Timing) -> int:
    async with connection.open_account(paths, profile, timing) as account:
        app = MfaTui(
            account,
            challenge_alone=challenge_alone,
            route=choose_backend(Environment.here()),
            hide_after=hide_after,
            timing=timing,
        )
        try:
            with signals.call_on_signal(app.end, timing.shutdown_timeout):
                result = await app.run_async()
        finally:
            if app.user_clipboard.is_held:
                console.print_message(f"Clipboard: {(await app.user_clipboard.clear()).value}.")
    if result:
        console.print_text(result, prose=True)
    return app.return_code or ExitCode.DONE
