"""The base of the dialogs."""

from typing import ClassVar

from textual.screen import ModalScreen, ScreenResultType

from mfa_tui.tui.screens.account_screen import AccountScreen


class Dialog(ModalScreen[ScreenResultType]):
    """A dialog in the middle of the window. A subclass puts its widgets into a container of the class `box`."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;

        .box {
            width: 62;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 2;
            border: round $accent;
            border-title-color: $text-accent;
            border-title-style: bold;
            border-subtitle-color: $foreground 60%;
            background: $background;
        }
        Footer { margin-top: 1; }

        &.-narrow .box { padding: 0 1; }
        &.-short, &.-tiny {
            StatusMessage { margin-top: 0; }
        }
        &.-tiny {
            .box { padding: 0; }
            Footer { margin-top: 0; max-height: 1; }
        }
    }
    """
    HORIZONTAL_BREAKPOINTS = AccountScreen.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = AccountScreen.VERTICAL_BREAKPOINTS
    ALLOW_SELECT: ClassVar[bool] = False
