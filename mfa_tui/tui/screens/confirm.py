"""Asking before something that cannot be undone."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class ConfirmScreen(ModalScreen[bool]):
    """Says what would happen and offers two choices. The safe one comes first and has the focus.

    Its result is whether to go on.

    Args:
        question: The question, as a title.
        consequences: What going on means.
        ready: What speaks for going on, if anything; left out where there is little room.
        stay: The safe choice.
        go_on: The other one.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, consequences: str, ready: str = "", *, stay: str, go_on: str) -> None:
        super().__init__()
        self._question = question
        self._consequences = consequences
        self._ready = ready
        self._stay = stay
        self._go_on = go_on

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box grave") as box:
            box.border_title = Content(self._question)
            yield Static(Content(self._consequences))
            if self._ready:
                yield Static(Content(self._ready), id="ready")
            with Container(id="choices"):
                yield Button(self._stay, id="stay", compact=True)
                yield Button(self._go_on, id="go-on", compact=True)

    @on(Button.Pressed, "#go-on")
    def go_on(self) -> None:
        """Go on."""
        self.dismiss(True)

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)
