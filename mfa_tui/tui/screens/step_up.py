"""Stepping up: asking for a factor before a protected action."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ScreenResultType

from mfa_tui.account.state import State
from mfa_tui.account.typed_code import FactorKind, TypedCode
from mfa_tui.tui.screen_ui import ScreenUI
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.challenge import QUIT_WARNING, FactorScreen
from mfa_tui.workflows import messages
from mfa_tui.workflows.passkeys import use_passkey


class ProtectedScreen(AccountScreen[ScreenResultType]):
    """A screen with tasks that may need a step-up."""

    async def step_up(self) -> bool:
        """Ask for a factor on top of this screen; return whether one was given."""
        return await self.app.push_screen_wait(StepUpScreen(self.account))


class StepUpScreen(FactorScreen):
    """Asks for a factor before an action that needs a step-up. Its result is whether one was given."""

    HEADING = "Confirm your identity"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Use the code", key_display="enter", priority=True),
        Binding("f2", "use_passkey", messages.USE_PASSKEY),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def on_mount(self) -> None:
        """Ask for a code."""
        self.field.focus()
        self.status.show(*messages.STEP_UP)
        self.run_worker(self._offer_passkey())

    def render_state(self, state: State) -> None:
        """Draw nothing more."""

    def action_leave(self) -> None:
        """Go back without the action; not while a code is being sent, because its step-up would be lost."""
        if not self.busy:
            self.dismiss(False)

    def action_use_passkey(self) -> None:
        """Give a passkey."""
        self.run_task(self._use_passkey)

    async def _offer_passkey(self) -> None:
        await self.read_factors()
        if FactorKind.PASSKEY in self.factors and not self.busy:
            self.status.show(messages.STEP_UP.heading, f"{messages.passkey_offer('F2')} {messages.STEP_UP.rest}")

    async def _use_passkey(self) -> None:
        if await use_passkey(self.account, ScreenUI(self), step_up=True):
            self.dismiss(True)
        else:
            await self._offer_passkey()

    async def use(self, typed: TypedCode) -> None:
        """Send the code, and continue with the action."""
        self.show_progress(messages.checking(typed))
        with self.quit_warning_while(QUIT_WARNING):
            await self.account.authenticate(typed, step_up=True)
        self.dismiss(True)
