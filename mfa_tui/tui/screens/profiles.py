"""Choosing the profile whose account the screens show."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.workflows.profiles import ONLY_PROFILE, ProfileReport


class ProfileList(OptionList, inherit_bindings=False):
    """A list in which j and k move too, as in the grid of codes. Its screen has the binding of Enter, and shows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", show=False),
        Binding("up,k", "cursor_up", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
    ]


class ProfilesScreen(Dialog[str | None]):
    """Lists the profiles. Its result is the name of the chosen one; None if the user goes back.

    Args:
        reports: The profiles.
        current: The name of the one whose account is open.
    """

    DEFAULT_CSS = """
    ProfilesScreen {
        .box { width: 76; }
        ProfileList {
            height: auto;
            max-height: 100%;
            scrollbar-size-vertical: 1;

            &, &:focus { padding: 0; border: none; background: $background; background-tint: transparent; }
            & > .option-list--option-highlighted,
            &:focus > .option-list--option-highlighted {
                background: $background;
                color: $text-accent;
                text-style: reverse;
            }
        }
        #only { margin-bottom: 1; }
        &.-tiny #only { margin-bottom: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Switch", key_display="enter"),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, reports: Sequence[ProfileReport], current: str) -> None:
        super().__init__()
        self._current = current
        self._names = [report.name for report in reports]
        self._list = ProfileList(*(Option(self._entry(report)) for report in reports))

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box") as box:
            box.border_title = "Profiles"
            if len(self._names) == 1:
                yield Static(Content(str(ONLY_PROFILE)), id="only")
            yield self._list
            yield Footer()

    def on_mount(self) -> None:
        """Start at the profile that is open."""
        if self._current in self._names:
            self._list.highlighted = self._names.index(self._current)

    @on(OptionList.OptionSelected)
    def action_choose(self) -> None:
        """Switch to the profile under the cursor; go back if it is the one that is open."""
        chosen = self._names[self._list.highlighted or 0]
        self.dismiss(None if chosen == self._current else chosen)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _entry(self, report: ProfileReport) -> Content:
        mark = " (open now)" if report.name == self._current else ""
        return Content.assemble((report.name, "bold"), mark, "\n  ", (report.facts, "dim"))
