"""Runs workflows on a screen: shows their messages there, and asks on top of it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

from mfa_tui.account.account import Account
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.tui import screens
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.workflows.ui import BrowserLink, Confirmation, Signed


class ScreenUI:
    """The `UI` of a screen.

    Args:
        screen: The screen, whose task runs the workflow.
    """

    is_interactive = True

    def __init__(self, screen: AccountScreen[Any]) -> None:
        self._screen = screen

    def show(self, message: str | Message | MfaTuiError) -> None:
        """Show a message as the screen's status, or an error in the way of the screen."""
        if isinstance(message, MfaTuiError):
            self._screen.show_failure(message)
        elif isinstance(message, Message):
            self._screen.status.show(*message)
        else:
            self._screen.status.show(message, "")

    def show_progress(self, text: str) -> None:
        """Show the operation that is under way."""
        self._screen.show_progress(text)

    def lend_terminal(self) -> AbstractContextManager[None]:
        """Leave the screen to another program until the context ends."""
        return self._screen.app.suspend()

    async def show_codes(self, account: Account) -> None:
        """Do nothing: the screen draws each state of the account, and reports the codes as shown then."""

    async def confirm(self, confirmation: Confirmation) -> bool:
        """Ask in a dialog on top of the screen."""
        return await self._screen.app.push_screen_wait(ConfirmScreen(confirmation))

    async def read_secret(self, label: str) -> Secret | None:
        """Ask for a secret in a dialog on top of the screen."""
        return await self._screen.app.push_screen_wait(screens.PromptScreen(label, hidden=True))

    async def read_line(self, label: str) -> str:
        """Ask for a line of text in a dialog on top of the screen."""
        typed = await self._screen.app.push_screen_wait(screens.PromptScreen(label, hidden=False))
        return "" if typed is None else typed.reveal()

    async def show_link(
        self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]
    ) -> HandoffProgress | None:
        """Show a link in a dialog on top of the screen until a browser has answered or the user goes back."""
        result = await self._screen.app.push_screen_wait(screens.BrowserLinkScreen(link, wait))
        if isinstance(result, MfaTuiError):
            raise result
        return result

    async def wait_for_key(self, work: Callable[[], Awaitable[Signed]]) -> Signed | None:
        """Ask to touch the security key in a dialog on top of the screen."""
        result = await self._screen.app.push_screen_wait(screens.TouchScreen(work))
        if isinstance(result, MfaTuiError):
            raise result
        return result

    async def step_up(self, account: Account) -> bool:  # noqa: ARG002 - the screen has the same account
        """Ask for a factor on top of the screen."""
        return await self._screen.step_up()
