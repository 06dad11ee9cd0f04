"""Choosing where to save the codes."""

from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from mfa_tui.errors import MfaTuiError
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.terminal.stores.places import parse_place
from mfa_tui.terminal.stores.store import CodeStore
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.tui.widgets.status_message import StatusMessage
from mfa_tui.tui.widgets.text_input import TextInput
from mfa_tui.workflows import messages


class SaveScreen(Dialog[CodeStore | None]):
    """Asks for a file or another place to save the codes to. Its result is the place; None if the user goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "save", "Save", key_display="enter", priority=True),
        Binding("escape", "leave", "Back to the codes", key_display="esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._field = TextInput(f"~/{saved_codes.unused_path(Path.home()).name}")
        self._status = StatusMessage()

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = "Save the codes to a new file"
            yield self._field
            yield self._status
            yield Footer()

    def on_mount(self) -> None:
        """Show who can read the file."""
        self._status.show("Only you will be able to read it", messages.SAVE)

    def action_leave(self) -> None:
        """Go back to the codes."""
        self.dismiss(None)

    def action_save(self) -> None:
        """Choose the place, after all keys before Enter have reached the field."""
        self._field.call_later(self._choose)

    @work(description="choose a place", exclusive=True)
    async def _choose(self) -> None:
        """Choose the place, unless it is known already that it cannot take the codes."""
        try:
            store = parse_place(self._field.value)
            if not store.password_label:
                await store.prepare(Secret(""))
        except MfaTuiError as error:
            self._status.show_error(error)
        else:
            self.dismiss(store)
