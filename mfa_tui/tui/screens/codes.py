"""The recovery codes."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.widget import Widget

from mfa_tui.account import recovery
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage, State
from mfa_tui.dynamic.errors import DynamicError
from mfa_tui.tui.screens.frame import Frame
from mfa_tui.tui.screens.rotate import RotateScreen
from mfa_tui.tui.widgets.code_grid import CodeGrid
from mfa_tui.wire import RecoveryCodes

FEW = 3
"""With this many codes left, it is time for new ones."""


class CodesScreen(Frame):
    """Shows the codes, how many are left, and what to do next."""

    HEADING = "Recovery codes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "rotate", "New codes"),
        Binding("s", "acknowledge", "Saved"),
        Binding("r", "read", "Read again"),
        Binding("h", "hide", "Hide"),
        Binding("q", "app.quit", "Quit"),
    ]

    hidden: var[bool] = var(default=False, init=False)
    busy: var[bool] = var(default=False, bindings=True, init=False)
    """Whether a call is under way: no other is started meanwhile."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.grid = CodeGrid()

    def compose_body(self) -> list[Widget]:
        """Return the grid."""
        return [self.grid]

    def draw(self, state: State) -> None:
        """Draw the codes and what to do next; read them first, if that was not done yet."""
        self.refresh_bindings()
        if state.session is None:
            self.advice.say("Opening your account…", "")
        elif state.codes is None:
            self.action_read()
        else:
            self._show(state.codes)
            self._advise(state)

    def _show(self, codes: RecoveryCodes) -> None:
        self.grid.show(codes.recovery_codes, hidden=self.hidden)
        self.aside.update(recovery.left(self.account))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        match action:
            case "rotate":
                return not self.busy and self.account.state.codes is not None
            case "acknowledge":
                return not self.busy and self.account.state.stage is Stage.NOT_SAVED
            case "read":
                return not self.busy and self.account.state.codes is None
            case _:
                return True

    def watch_hidden(self) -> None:
        """Cover or uncover the codes."""
        if self.account.state.codes is not None:
            self._show(self.account.state.codes)

    def action_hide(self) -> None:
        """Cover the codes, or uncover them."""
        self.hidden = not self.hidden

    @work(description="read", exclusive=True)
    async def action_read(self) -> None:
        """Read the codes from the service."""
        self.busy = True
        self.advice.say("Reading your codes…", "")
        try:
            await recovery.read(self.account)
        except DynamicError as error:
            self.advice.tell(error)
        finally:
            self.busy = False

    @work(description="rotate", exclusive=True)
    async def action_rotate(self) -> None:
        """Make new codes, once the person has said so."""
        codes = self.account.state.codes
        if codes is None or self.busy:
            return
        self.busy = True
        try:
            if await self.app.push_screen_wait(RotateScreen(codes.count)):
                self.advice.say("Making new codes…", "")
                await recovery.rotate(self.account)
            else:
                self.advice.say("Nothing was changed", "Your existing codes remain valid.")
        except DynamicError as error:
            self.advice.tell(error)
        finally:
            self.busy = False

    @work(description="acknowledge", exclusive=True)
    async def action_acknowledge(self) -> None:
        """Tell the service that the codes are saved."""
        self.busy = True
        try:
            await recovery.acknowledge(self.account)
        except DynamicError as error:
            self.advice.tell(error)
        finally:
            self.busy = False

    def _advise(self, state: State) -> None:
        left = state.codes.count if state.codes else 0
        if state.stage is Stage.NOT_SAVED:
            self.advice.say(
                "Not saved yet",
                "Keep these codes where you can reach them without your phone, then press s. Each works once.",
            )
        elif left == 0:
            self.advice.say(
                "No code is left", "Press n for new codes: without any, a lost phone locks you out.", warning=True
            )
        elif left <= FEW:
            self.advice.say("Few codes are left", "Press n for new ones before these run out.")
        elif state.trouble is not None:
            self.advice.tell(state.trouble)
        else:
            self.advice.say(
                "Saved", "Each code finishes one sign-in when your authenticator is not at hand, and works once."
            )
