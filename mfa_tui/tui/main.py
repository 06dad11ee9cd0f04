"""Runs the full-screen interface: prepares it, and cleans up after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from mfa_tui.errors import ExitCode
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal import capabilities, console, signals
from mfa_tui.terminal.clipboard.selection import Environment, choose_backend
from mfa_tui.timing import DEFAULT_TIMING, Timing
from mfa_tui.tui.app import MfaTui

if TYPE_CHECKING:
    from mfa_tui.account.account import Account
    from mfa_tui.storage.profile import ProfileOverrides


def run(
    overrides: "ProfileOverrides", *, challenge_alone: bool, hide_after: float, timing: Timing = DEFAULT_TIMING
) -> int:
    """Run the screens until the user quits, and return the exit code.

    Raises:
        UsageError: The terminal cannot show them.
    """
    capabilities.require_full_screen()
    return asyncio.run(_run(overrides, challenge_alone, hide_after, timing))


async def _run(overrides: "ProfileOverrides", challenge_alone: bool, hide_after: float, timing: Timing) -> int:
    @asynccontextmanager
    async def open_account(name: str | None) -> "AsyncIterator[Account]":
        await asyncio.to_thread(import_module, "mfa_tui.connection")
        from mfa_tui import connection  # noqa: PLC0415 - the first frame does not wait for it
        from mfa_tui.storage.profile import ProfileOverrides  # noqa: PLC0415

        paths = AppPaths.of_current_user()
        chosen = ProfileOverrides(profile=name) if name else overrides
        profile = await asyncio.to_thread(connection.load_profile, paths, chosen)
        async with connection.open_account(paths, profile, timing) as account:
            yield account

    async with AsyncExitStack() as stack:
        app = MfaTui(
            open_account,
            challenge_alone=challenge_alone,
            clipboard_kind=choose_backend(Environment.here()),
            hide_after=hide_after,
            timing=timing,
        )
        stack.push_async_callback(app.close_account)
        try:
            with signals.call_on_signal(app.end, timing.shutdown_timeout):
                result = await app.run_async()
        finally:
            if app.user_clipboard.is_held:
                console.print_message(f"Clipboard: {(await app.user_clipboard.clear()).value}.")
    if result:
        console.print_text(result, prose=True)
    return app.return_code or ExitCode.DONE
