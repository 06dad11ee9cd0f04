"""All keys of a screen, and the other front ends."""

from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mfa_tui.terminal.console import hints
from mfa_tui.tui.screens.dialog import Dialog

OTHER_FRONT_ENDS = "For a screen reader: mfa-tui --plain. For scripts: mfa-tui --help."


class HelpScreen(Dialog[ActiveBinding | None]):
    """Lists the enabled keys of a screen. Its result is the key that is pressed; None if it is not listed.

    Args:
        of: The screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "dismiss(None)", show=False)]

    def __init__(self, of: Screen[None]) -> None:
        super().__init__()
        listed = [key for key in of.active_bindings.values() if key.enabled and key.binding.tooltip]
        on_screen = [key for key in listed if key.node is of]
        self._listed = on_screen + [key for key in listed if key.node is of.focused]

    def compose(self) -> ComposeResult:
        """Lay out the list; keys with the same effect share a line."""
        lines = [
            (self._key_names([key.binding for key in same]), effect)
            for effect, same in groupby(self._listed, lambda key: key.tooltip)
        ]
        width = max((len(keys) for keys, _ in lines), default=0)
        entries = [Content.assemble((f"{keys:>{width}}", "$text-accent bold"), f"  {effect}") for keys, effect in lines]
        with VerticalScroll(classes="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Static(Content("\n").join([*entries, Content(""), Content(hints.complete(OTHER_FRONT_ENDS))]))

    def on_key(self, event: events.Key) -> None:
        """Go back with the key, if it is listed."""
        for key in self._listed:
            if event.key == key.binding.key:
                event.stop()
                self.dismiss(key)

    def _key_names(self, bindings: list[Binding]) -> str:
        """Return the keys, such as `j k` or `1-0`."""
        keys = [self.app.get_key_display(binding) for binding in bindings]
        return " ".join(keys) if len(keys) <= _FEW_KEYS else f"{keys[0]}-{keys[-1]}"


_FEW_KEYS = 2
"""The keys with the same effect that are listed one by one; more are a range."""
