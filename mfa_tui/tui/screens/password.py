"""Asking for the password of another program."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from mfa_tui.redaction import Secret
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.tui.widgets.text_input import TextInput


class PasswordScreen(Dialog[Secret | None]):
    """Asks for a password without showing it. Its result is None if the user goes back.

    Args:
        label: The name of the password.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "Continue", key_display="enter", priority=True),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label
        self._field = TextInput()
        self._field.password = True

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = Content(f"{self._label[:1].upper()}{self._label[1:]}")
            yield self._field
            yield Footer()

    def action_leave(self) -> None:
        """Go back without a password."""
        self.dismiss(None)

    def action_answer(self) -> None:
        """Give the password, after all keys before Enter have reached the field."""
        self._field.call_later(self._answer)

    def _answer(self) -> None:
        self.dismiss(Secret(self._field.value))
