"""The input field for a line of text."""

from textual import events
from textual.widgets import Input


class TextInput(Input):
    """A one-line field that applies keys in the order in which they arrive.

    Esc takes back the typed text; only if there is none, it reaches the screen.
    The cursor does not blink: blinking would send 2 kB each second.
    """

    DEFAULT_CSS = """
    TextInput {
        width: 100%;
        max-width: 60;
        height: 1;
        padding: 0 1;
        background: $background;
        border: none;
        border-left: outer $accent;

        &:focus { border: none; border-left: outer $accent; }
    }
    """

    def __init__(self, value: str = "", placeholder: str = "", *, max_length: int = 0, classes: str = "") -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            max_length=max_length,
            classes=classes,
            select_on_focus=False,
        )
        self.cursor_blink = False
        self._initial = value

    async def on_key(self, event: events.Key) -> None:
        """Run the action of an editing key at once, and take back the typed text on Esc.

        Textual leaves this to the app. If keys arrive in one burst, as over a slow SSH connection, the app deletes
        only after the field has inserted the characters that were typed later.
        """
        is_busy = getattr(self.screen, "busy", False)  # then Esc is about the task
        if event.key == "escape" and self.value != self._initial and not is_busy:
            event.stop()
            event.prevent_default()
            self.value = self._initial
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
