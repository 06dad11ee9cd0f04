"""Confirming a rotation."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class RotateScreen(ModalScreen[bool]):
    """Says how many unused codes a rotation kills, and asks. Its result is whether to go on.

    Args:
        unused: How many codes are unused.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "keep", "Keep the existing codes"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, unused: int) -> None:
        super().__init__()
        self._unused = unused

    def compose(self) -> ComposeResult:
        """Lay out the warning and the two choices; the safe one comes first and has the focus."""
        with Vertical() as box:
            box.border_title = "Replace all recovery codes?"
            yield Static(_warning(self._unused), id="warning")
            with Container(id="choices"):
                yield Button("Keep the existing codes", id="keep", compact=True)
                yield Button("Replace them", id="replace", compact=True)

    @on(Button.Pressed, "#replace")
    def replace(self) -> None:
        """Go on."""
        self.dismiss(True)

    @on(Button.Pressed, "#keep")
    def action_keep(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)


def _warning(unused: int) -> str:
    if unused == 0:
        dying = "No unused code is left, so none is lost."
    else:
        codes = "1 unused code stops" if unused == 1 else f"{unused} unused codes stop"
        dying = f"{codes} working at once, wherever kept: on paper, in files, in a password manager."
    return f"{dying}\n\nNew codes take their place. This cannot be undone."
