"""Verifying that the codes are saved."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from mfa_tui.account import verification
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.widgets.code_input import CodeInput
from mfa_tui.workflows import messages


class VerifySavedScreen(AccountScreen[bool]):
    """Asks for the last characters of two codes. Its result is whether they were right.

    It shows no code, so that the user has to look where the codes are saved.
    """

    HEADING = "Verify that they are saved"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "Check", key_display="enter", priority=True),
        Binding("escape", "leave", "Back to the codes", key_display="esc"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.codes = account.state.codes
        self._questions = verification.questions(account.state.numbered_codes)
        self._at = 0
        self._prompt = Static()
        self.field = CodeInput("")

    def compose_body(self) -> list[Widget]:
        """Return the question and its field."""
        return [self._prompt, self.field]

    def on_mount(self) -> None:
        """Ask the first question."""
        self._ask()

    def render_state(self, state: State) -> None:
        """Draw nothing more: the questions are chosen when the screen opens."""

    def action_leave(self) -> None:
        """Go back to the codes, which stay unconfirmed."""
        self.dismiss(False)

    def action_answer(self) -> None:
        """Check the text of the field, after all keys before Enter have reached it."""
        self.field.call_later(self._check)

    def _check(self) -> None:
        """Check the answer; then ask the next question, or end."""
        question = self._questions[self._at]
        if not question.is_answered_by(self.field.value):
            self.status.show(*messages.wrong_verification(question))
            return
        self._at += 1
        if self._at == len(self._questions):
            self.dismiss(True)
        else:
            self._ask()

    def _ask(self) -> None:
        question = self._questions[self._at]
        self._prompt.update(f"The {messages.verification_label(question)}:")
        self.status.show(*messages.VERIFY)
        self.detail.update(f"{self._at + 1} of {len(self._questions)}")
        self.field.clear()
        self.field.focus()
