"""All keys of a screen, and the other front ends."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mfa_tui.tui.screens.dialog import Dialog

OTHER_FRONT_ENDS = "For a screen reader: mfa-tui --plain. For scripts: mfa-tui --help."


class HelpScreen(Dialog[str]):
    """Lists the enabled keys of a screen. Its result is the action of the key that is pressed.

    Args:
        of: The screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "dismiss('')", show=False)]

    def __init__(self, of: Screen[None]) -> None:
        super().__init__()
        self._listed = [
            key.binding for key in of.active_bindings.values() if key.node is of and key.enabled and key.binding.tooltip
        ]

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        lines = [self._line(binding) for binding in self._listed]
        with VerticalScroll(classes="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Static(Content("\n").join([*lines, Content(""), Content(OTHER_FRONT_ENDS)]))

    def on_key(self, event: events.Key) -> None:
        """Go back with the action of the key."""
        for binding in self._listed:
            if event.key == binding.key:
                event.stop()
                self.dismiss(binding.action)

    def _line(self, binding: Binding) -> Content:
        key = self.app.get_key_display(binding)
        return Content.assemble((f"{key:>2}", "$text-accent bold"), f"  {binding.tooltip}")
