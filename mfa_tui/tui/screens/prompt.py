"""Asking for one line of text, such as the password of another program."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from mfa_tui.redaction import Secret
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.tui.widgets.text_input import TextInput


class PromptScreen(Dialog[Secret | None]):
    """Asks for a line of text. Its result is None if the user goes back.

    Args:
        label: The name of the text.
        hidden: Whether it is not shown while the user types.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "Continue", key_display="enter", priority=True),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, label: str, *, hidden: bool) -> None:
        super().__init__()
        self._label = label
        self._field = TextInput()
        self._field.password = hidden

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = Content(f"{self._label[:1].upper()}{self._label[1:]}")
            yield self._field
            yield Footer()

    def action_leave(self) -> None:
        """Go back without a text."""
        self.dismiss(None)

    def action_answer(self) -> None:
        """Give the text, after all keys before Enter have reached the field."""
        self._field.call_later(self._answer)

    def _answer(self) -> None:
        self.dismiss(Secret(self._field.value))
