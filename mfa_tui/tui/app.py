"""The full-screen program. Until the first frame is painted it imports neither the screens nor the account."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES
from textual.widgets import Static

from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.garbage import collection_paused
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.terminal.console import hints
from mfa_tui.timing import DEFAULT_TIMING, Timing
from mfa_tui.tui.page import fit_page
from mfa_tui.tui.secure_app import LEAVING, SecureApp

if TYPE_CHECKING:
    from mfa_tui.account.account import Account
    from mfa_tui.tui.navigator import Navigator

    OpenAccount = Callable[[str | None], AbstractAsyncContextManager[Account]]

_BASE = BUILTIN_THEMES["ansi-dark"]
_THEME = replace(
    _BASE,
    name="mfa-tui",
    primary="ansi_magenta",
    accent="ansi_magenta",
    variables=_BASE.variables | {"border-blurred": "ansi_bright_black"},
)
"""The terminal's own colours, which are readable on any terminal, light or dark.

The accent is magenta because only magenta contrasts with both black and white (4.9 and 4.3 in xterm's palette).
"""


class FirstFrame(Screen[object]):
    """The start of the header, which stays at its place on the screens of the account."""

    DEFAULT_CSS = """
    FirstFrame { text-style: dim; padding: 1 3; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the name of the program."""
        yield Static("mfa-tui")

    def on_mount(self) -> None:
        """Leave the margin of the other screens."""
        fit_page(self)


class MfaTui(SecureApp):
    """The screens of one account.

    The result of the app is a text to print on the terminal after the screens are closed.

    Args:
        open_account: Opens the account of the profile with this name, or of the one that the command line names, once
            the first frame is painted.
        challenge_alone: Whether to sign in, complete the challenge and end.
        clipboard_kind: The kind of the clipboard.
        hide_after: Seconds without a key after which the codes are hidden; 0 for never.
        timing: How long the app waits.
    """

    TITLE = "mfa-tui"

    def __init__(
        self,
        open_account: "OpenAccount",
        *,
        challenge_alone: bool = False,
        clipboard_kind: BackendKind = BackendKind.NONE,
        hide_after: float = 60.0,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        super().__init__(clipboard_kind, hide_after, timing)
        self.register_theme(_THEME)
        self.theme = _THEME.name
        self._open_account = open_account
        self._challenge_alone = challenge_alone
        self._opened = AsyncExitStack()
        self._navigator: Navigator | None = None
        self._early: list[events.Key | events.Paste] = []
        """The keys typed before the first screen is there."""
        self.is_open = False
        """Whether the account is open and its first screen is there."""

    def get_default_screen(self) -> Screen[object]:
        """Return the first frame."""
        return FirstFrame()

    def on_ready(self) -> None:
        """Open the account: the first frame is painted."""
        self._start()

    async def on_event(self, event: events.Event) -> None:
        """Keep the keys that are typed before the first screen is there, and handle them then."""
        if self.is_open or not isinstance(event, events.Key | events.Paste) or getattr(event, "key", "") in LEAVING:
            await super().on_event(event)
        else:
            self._early.append(event)

    def on_unmount(self) -> None:
        """Draw no later change of the account."""
        if self._navigator is not None:
            self._navigator.stop()

    async def action_quit(self) -> None:
        """Quit. If something could be lost, ask for the key once more."""
        if self._navigator is None:
            self.end(ExitCode.DONE)
        else:
            self._navigator.quit()

    def on_app_focus(self) -> None:
        """Read the codes again when the user comes back to this window."""
        if self._navigator is not None:
            self._navigator.start_refresh()

    def handle_user_input(self) -> None:
        """Treat any key as the response to a question on the screen."""
        if self._navigator is not None:
            self._navigator.end_questions()

    def show_profiles(self) -> None:
        """Show the profiles; if the user chooses another one, open its account and close this one."""
        self.run_worker(self._switch_profile(), group="profiles", exclusive=True)

    async def close_account(self) -> None:
        """Close the account that is open."""
        await self._opened.aclose()

    async def _switch_profile(self) -> None:
        navigator = self._navigator
        if navigator is None or (name := await navigator.choose_profile()) is None:
            return
        if navigator.refuses_switch():
            return
        self.is_open = False
        before = self._opened
        try:
            account = await self._open(name)
            await account.resume_session()  # a service that cannot be reached must not cost the account that is open
        except MfaTuiError as error:
            if self._opened is not before:
                await self._opened.aclose()
                self._opened = before
            navigator.show_failure(error)
            self.call_later(self._handle_early_keys)
            return
        self._navigator = None
        await navigator.close()
        await before.aclose()
        hints.profile = name
        await self._show(account)

    @work(description="open the account")
    async def _start(self) -> None:
        with collection_paused():
            account = await self._open(None)
            await asyncio.to_thread(import_module, "mfa_tui.tui.navigator")
        await self._show(account)

    async def _open(self, profile: str | None) -> "Account":
        async with AsyncExitStack() as opened:
            account = await opened.enter_async_context(self._open_account(profile))
            self._opened = opened.pop_all()
        return account

    async def _show(self, account: "Account") -> None:
        from mfa_tui.tui.navigator import Navigator  # noqa: PLC0415 - the first frame does not wait for the screens

        self._navigator = Navigator(self, account, challenge_alone=self._challenge_alone)
        await self._navigator.start()
        self.call_later(self._handle_early_keys)

    async def _handle_early_keys(self) -> None:
        self.is_open = True
        for event in self._early:
            await self.on_event(event)
        self._early.clear()
