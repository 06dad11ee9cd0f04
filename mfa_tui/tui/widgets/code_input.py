"""The input field for a code."""

from textual import events

from mfa_tui import sanitize
from mfa_tui.tui.secure_app import watch_covered
from mfa_tui.tui.widgets.text_input import TextInput


class CodeInput(TextInput):
    """A one-line field for a typed or pasted code. Its text is never copied to a clipboard."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder)

    def on_mount(self) -> None:
        """Mask the typed text while the codes are hidden."""
        watch_covered(self, self._mask)

    def _mask(self, covered: bool) -> None:
        self.password = covered

    def _on_paste(self, event: events.Paste) -> None:
        """Insert the pasted text as one line, without invisible characters."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(sanitize.clean(event.text).split()), *self.selection)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing: a cut would copy."""
