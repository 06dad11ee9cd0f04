"""All keys of a screen, and the other front ends."""

from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mfa_tui.terminal.console import hints
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
        namespaces = {of: "screen", of.focused: "focused"}
        listed = [key for key in of.active_bindings.values() if key.enabled and key.binding.tooltip]
        listed = sorted((key for key in listed if key.node in namespaces), key=lambda key: key.node is not of)
        self._listed = [key.binding for key in listed]
        self._actions = {key.binding.key: f"{namespaces[key.node]}.{key.binding.action}" for key in listed}

    def compose(self) -> ComposeResult:
        """Lay out the list; keys with the same effect share a line."""
        lines = [
            (self._key_names(list(same)), effect)
            for effect, same in groupby(self._listed, lambda binding: binding.tooltip)
        ]
        width = max((len(keys) for keys, _ in lines), default=0)
        entries = [Content.assemble((f"{keys:>{width}}", "$text-accent bold"), f"  {effect}") for keys, effect in lines]
        with VerticalScroll(classes="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Static(Content("\n").join([*entries, Content(""), Content(hints.complete(OTHER_FRONT_ENDS))]))

    def on_key(self, event: events.Key) -> None:
        """Go back with the action of the key."""
        if action := self._actions.get(event.key):
            event.stop()
            self.dismiss(action)

    def _key_names(self, bindings: list[Binding]) -> str:
        """Return the keys, such as `j k` or `1-0`."""
        keys = [self.app.get_key_display(binding) for binding in bindings]
        return " ".join(keys) if len(keys) <= _FEW_KEYS else f"{keys[0]}-{keys[-1]}"


_FEW_KEYS = 2
"""The keys with the same effect that are listed one by one; more are a range."""
