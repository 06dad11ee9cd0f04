"""Finishing a pending MFA challenge."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from mfa_tui.account import challenge
from mfa_tui.account.account import Account
from mfa_tui.account.challenge import NotACodeError, TypedCode
from mfa_tui.account.state import Stage, State
from mfa_tui.dynamic.errors import DynamicError
from mfa_tui.tui.screens.frame import Frame
from mfa_tui.tui.widgets.code_input import CodeInput


class ChallengeScreen(Frame):
    """Takes a recovery code, and stays until the challenge is passed or given up."""

    HEADING = "Enter a recovery code"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Use the code", key_display="enter", priority=True),
        Binding("escape", "app.quit", "Give up"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.field = CodeInput("ABCDE FGHIJ")
        self.field.disabled = True
        self._sending = False
        self._warned_of: TypedCode | None = None

    def compose_body(self) -> list[Widget]:
        """Return the field."""
        return [self.field]

    def draw(self, state: State) -> None:
        """Say what is wanted, once there is a challenge."""
        if state.stage is not Stage.CHALLENGE_PENDING:
            self.advice.say("Signing in…", "")
            return
        self.field.disabled = False
        self.field.focus()
        self.advice.say(
            "This sign-in needs a second factor",
            "Type or paste one of your unused recovery codes, and press Enter. Spaces, dashes and case do not "
            "matter. The code is spent by it; the others stay.",
        )

    def action_send(self) -> None:
        """Use the code, if there is one in the field; one that looks odd is sent on the second Enter."""
        if self._sending:
            return
        try:
            typed = challenge.read_typed(self.field.value)
        except NotACodeError as error:
            self.advice.tell(error)
            return
        if typed.oddity and typed != self._warned_of:
            self._warned_of = typed
            self.advice.say(typed.oddity, "Nothing was sent. Mend it, or press Enter again to send it as it is.")
            return
        self._sending = True
        self._send(typed)

    @work(description="use a code", exclusive=True)
    async def _send(self, typed: TypedCode) -> None:
        self.advice.say("Checking the code…", "")
        try:
            await challenge.use(self.account, typed.code)
        except DynamicError as error:
            self.advice.tell(error)
        finally:
            self._sending = False
