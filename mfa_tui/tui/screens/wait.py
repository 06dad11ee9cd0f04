"""Waiting for something outside of the program that the user does."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mfa_tui.errors import MfaTuiError
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.workflows import messages

Result = TypeVar("Result")


class WaitScreen(Dialog[Result | MfaTuiError | None], Generic[Result]):
    """Runs a task, whose result or error is the screen's result; None if the user goes back.

    Args:
        wait: Waits for what the user does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", key_display="esc")]

    def __init__(self, wait: Callable[[], Awaitable[Result]]) -> None:
        super().__init__()
        self._wait = wait

    def on_mount(self) -> None:
        """Start to wait; that ends with the screen."""
        self.run_worker(self._finish(), description="wait for the user")

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    async def _finish(self) -> None:
        result: Result | MfaTuiError
        try:
            result = await self._wait()
        except MfaTuiError as error:
            result = error
        while self.app.screen is not self:
            await self.app.pop_screen()
        self.dismiss(result)


class TouchScreen(WaitScreen[Result]):
    """Asks to touch a security key."""

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = Content(messages.TOUCH_KEY.heading)
            yield Static(Content(messages.TOUCH_KEY.rest))
            yield Footer()
