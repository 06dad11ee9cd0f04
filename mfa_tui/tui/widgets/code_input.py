"""The field that takes a code."""

from textual import events
from textual.widgets import Input

from mfa_tui import sanitize
from mfa_tui.tui.host import watch_covered


class CodeInput(Input):
    """One line for a code, typed or pasted. Its text is never put on a clipboard.

    The cursor does not blink: blinking sends 2 kB a second for ever.
    """

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def on_mount(self) -> None:
        """Mask what was typed while nobody looks at this window."""
        watch_covered(self, self._mask)

    def _mask(self, covered: bool) -> None:
        self.password = covered

    def _on_paste(self, event: events.Paste) -> None:
        """Take a paste of any shape: as one line, without what cannot be seen."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(sanitize.clean(event.text).split()), *self.selection)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing: a cut would copy."""
