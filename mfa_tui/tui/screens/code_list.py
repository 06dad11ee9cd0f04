"""The codes one per line, for selection with the mouse."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.tui.secure_app import watch_covered
from mfa_tui.tui.widgets.code_grid import HIDDEN
from mfa_tui.tui.widgets.footer import Footer


class CodeListScreen(Screen[None]):
    """Shows nothing but codes from the first column on, so that a selection of lines holds only codes.

    Args:
        codes: The codes.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    SHOWS_SECRETS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", key_display="esc"),
        Binding("m,q", "dismiss", show=False),
    ]

    def __init__(self, codes: Sequence[Secret]) -> None:
        super().__init__()
        self._codes = codes
        self._lines = Static()

    def compose(self) -> ComposeResult:
        """Lay out the codes over a line of advice."""
        yield self._lines
        yield Static(Content("Drag with Shift, on a Mac with Option."), id="drag")
        yield Footer()

    def on_mount(self) -> None:
        """Draw the codes, covered whenever the app covers them."""
        watch_covered(self, self._draw)

    def _draw(self, covered: bool) -> None:
        shown = [HIDDEN if covered else code for code in self._codes]
        self._lines.update(Content("\n".join(saved_codes.shown_symbols(code) for code in shown)))
