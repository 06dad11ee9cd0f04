"""Asking before something that cannot be undone."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from mfa_tui.terminal.console import hints
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.workflows.ui import Confirmation


class ConfirmScreen(Dialog[bool]):
    """Shows the consequences and two choices. The safe one comes first and has the focus.

    Its result is whether the user confirmed.

    Args:
        confirmation: The question, its consequences and the choices.
    """

    DEFAULT_CSS = """
    ConfirmScreen {
        .box {
            border: round $error;
            border-title-color: $text-error;
        }
        #reassurance { margin-top: 1; }
        #consequences { height: auto; scrollbar-size-vertical: 1; }
        #choices {
            dock: bottom;
            layout: horizontal;
            height: auto;
            margin-top: 1;
            align-horizontal: right;

            Button {
                margin-left: 2;
                background: $background;
                color: $foreground;

                &:focus { background: $background; text-style: bold reverse; }
                &#confirm { color: $text-error; }
            }
        }

        &.-narrow #choices {
            layout: vertical;

            Button { margin-left: 0; }
        }
        &.-short, &.-tiny {
            #reassurance { display: none; }
        }
        &.-tiny #choices { margin-top: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape", "cancel", show=False),
        Binding("y", "confirm", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, confirmation: Confirmation) -> None:
        super().__init__()
        self._confirmation = confirmation

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = Content(self._confirmation.question)
            box.border_subtitle = "enter chooses · esc goes back"
            with VerticalScroll(id="consequences", can_focus=False):
                yield Static(Content(hints.complete("\n\n".join(self._confirmation.consequences))))
                if self._confirmation.reassurance:
                    yield Static(Content(self._confirmation.reassurance), id="reassurance")
            with Container(id="choices"):
                yield Button(_label("n", self._confirmation.cancel), id="cancel", compact=True)
                yield Button(_label("y", self._confirmation.confirm), id="confirm", compact=True)

    @on(Button.Pressed, "#confirm")
    def action_confirm(self) -> None:
        """Confirm."""
        self.dismiss(True)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave everything unchanged."""
        self.dismiss(False)


def _label(key: str, choice: str) -> Content:
    return Content.assemble((key, "$text-accent bold"), f" {choice}")
