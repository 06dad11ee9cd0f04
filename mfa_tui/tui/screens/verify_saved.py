"""Proving that the codes are saved."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from mfa_tui.account import verification
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.widgets.code_input import CodeInput


class VerifySavedScreen(AccountScreen):
    """Asks for the ends of two codes, to be read from where they were saved. Its result is whether they were right.

    The codes are off the screen meanwhile: what is read from it proves nothing.
    """

    HEADING = "Are they saved?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "Answer", key_display="enter", priority=True),
        Binding("escape", "leave", "Back to the codes", key_display="esc"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        codes = account.state.codes
        self._questions = verification.questions(codes.recovery_codes if codes else ())
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
        """Draw nothing more: the questions were picked when the screen opened."""

    def action_leave(self) -> None:
        """Go back to the codes; they still count as not saved."""
        self.dismiss(False)

    def action_answer(self) -> None:
        """Check what stands in the field once all the keys before Enter have reached it."""
        self.field.call_later(self._check)

    def _check(self) -> None:
        """Check the answer, and go on to the next question or end."""
        question = self._questions[self._at]
        if not question.is_answered_by(self.field.value):
            self.status.show(
                f"That is not how code {question.number} ends",
                "Look again where you saved it. If it is not there, go back to the codes and save them.",
            )
            return
        self._at += 1
        if self._at == len(self._questions):
            self.dismiss(True)
        else:
            self._ask()

    def _ask(self) -> None:
        question = self._questions[self._at]
        self._prompt.update(
            f"The last {verification.LENGTH} characters of code {question.number}, which begins {question.begins}:"
        )
        self.status.show(
            "Look where you saved them", "This is checked here: nothing is sent, and no code is spent by it."
        )
        self.detail.update(f"{self._at + 1} of {len(self._questions)}")
        self.field.clear()
        self.field.focus()
