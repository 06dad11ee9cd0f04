"""Runs workflows on a screen: shows their messages there, and asks on top of it."""

from typing import Any

from mfa_tui.account.account import Account
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.workflows.ui import Confirmation


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

    async def confirm(self, confirmation: Confirmation) -> bool:
        """Ask in a dialog on top of the screen."""
        return await self._screen.app.push_screen_wait(ConfirmScreen(confirmation))

    async def step_up(self, account: Account) -> bool:  # noqa: ARG002 - the screen has the same account
        """Ask for a factor on top of the screen."""
        return await self._screen.step_up()
