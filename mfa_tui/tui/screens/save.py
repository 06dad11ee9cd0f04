"""Saving the codes to a file."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from mfa_tui.account.account import Account
from mfa_tui.storage import saved_codes
from mfa_tui.storage.errors import StorageError
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.tui.widgets.status_message import StatusMessage
from mfa_tui.tui.widgets.text_input import TextInput
from mfa_tui.workflows import messages


class SaveScreen(Dialog[Path | None]):
    """Asks for a file name and saves the codes to that file. Its result is the path; None if nothing was written.

    Args:
        account: The account with the codes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "save", "Save", key_display="enter", priority=True),
        Binding("escape", "leave", "Back to the codes", key_display="esc"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self._field = TextInput(f"~/{saved_codes.unused_path(Path.home()).name}")
        self._status = StatusMessage()
        self._writing = False

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = "Save the codes to a new file"
            yield self._field
            yield self._status
            yield Footer()

    def on_mount(self) -> None:
        """Show who can read the file."""
        self._status.show("Only you will be able to read it", messages.KEEP_FILE)

    def action_leave(self) -> None:
        """Go back without a file; not while it is being written."""
        if not self._writing:
            self.dismiss(None)

    def action_save(self) -> None:
        """Write the file, after all keys before Enter have reached the field."""
        self._field.call_later(self._write)

    @work(description="save the codes", exclusive=True)
    async def _write(self) -> None:
        if self._writing:
            return
        path = saved_codes.parse_path(self._field.value)
        self._writing = True
        try:
            await asyncio.to_thread(saved_codes.write, path, messages.codes_sheet(self.account))
        except StorageError as error:
            self._status.show_error(error)
        else:
            self.dismiss(path)
        finally:
            self._writing = False
