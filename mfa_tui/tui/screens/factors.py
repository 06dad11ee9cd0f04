"""The factors of the account: authenticator apps and passkeys."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Static

from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.tui.screen_ui import ScreenUI
from mfa_tui.tui.screens.enroll import EnrollScreen
from mfa_tui.tui.screens.step_up import ProtectedScreen
from mfa_tui.workflows import messages
from mfa_tui.workflows.factors import Factor, can_add_authenticator, list_factors, make_default, remove, rename
from mfa_tui.workflows.passkeys import add_passkey


class FactorsScreen(ProtectedScreen[bool]):
    """Lists the apps and passkeys, to add, choose, rename or remove one."""

    DEFAULT_CSS = """
    FactorsScreen #details { height: auto; text-style: dim; }
    """
    HEADING = "Factors"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add app"),
        Binding("p", "add_passkey", "Add passkey"),
        Binding("d", "make_default", "Default"),
        Binding("e", "rename", "Rename"),
        Binding("x", "remove", "Remove"),
        Binding("escape", "dismiss", "Back", key_display="esc"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._factors: tuple[Factor, ...] = ()
        self._details = Static(id="details")
        self.table: DataTable[Text] = DataTable(show_header=False, cursor_type="row")
        for width in (30, 16, 10):
            self.table.add_column("", width=width)

    def compose_body(self) -> list[Widget]:
        """Return the list, and the details of the selected factor."""
        return [self.table, self._details]

    def on_screen_resume(self) -> None:
        """Read the list, now and after a factor was added."""
        self.run_task(self._read, "Reading your factors")

    def render_state(self, state: State) -> None:
        """Draw nothing more: the list is read when the screen is shown."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only the actions that are possible now."""
        if action == "remove":
            return not self.busy and bool(self._factors)
        if action == "make_default":
            return not self.busy and bool(self._factors) and self._selected.can_become_default
        if action == "rename":
            return not self.busy and bool(self._factors) and self._selected.is_passkey
        if action == "add":
            return not self.busy and can_add_authenticator(self._factors)
        return action != "add_passkey" or not self.busy

    def action_add(self) -> None:
        """Add an app."""
        self.app.push_screen(EnrollScreen(self.account))

    def action_add_passkey(self) -> None:
        """Add a passkey."""
        self.run_task(self._add_passkey)

    def action_make_default(self) -> None:
        """Make the selected app the default."""
        self.run_task(self._make_default)

    def action_rename(self) -> None:
        """Give the selected passkey another name."""
        self.run_task(self._rename)

    def action_remove(self) -> None:
        """Remove the selected factor, if the user confirms."""
        self.run_task(self._remove)

    @on(DataTable.RowHighlighted)
    def show_details(self) -> None:
        """Show when and where the selected factor was made."""
        self._details.update(Content(self._selected.details) if self._factors else "")
        self._details.display = bool(self._factors)
        self.refresh_bindings()

    @property
    def _selected(self) -> Factor:
        return self._factors[min(self.table.cursor_row, len(self._factors) - 1)]

    async def _read(self) -> None:
        await self._list()
        self._introduce()

    def _introduce(self) -> None:
        self.status.show(*(messages.FACTORS if self._factors else messages.NO_FACTORS))

    async def _list(self) -> None:
        self._factors = await list_factors(self.account, ScreenUI(self))
        self.table.clear()
        for factor in self._factors:
            self.table.add_row(*map(Text, (factor.name, factor.state, factor.since)))
        self.detail.update(str(len(self._factors)) if self._factors else "")
        self.show_details()

    async def _add_passkey(self) -> None:
        if await add_passkey(self.account, ScreenUI(self)):
            await self._list()
        else:
            self._introduce()

    async def _make_default(self) -> None:
        await make_default(self.account, ScreenUI(self), self._selected)
        await self._list()

    async def _rename(self) -> None:
        await rename(self.account, ScreenUI(self), self._selected)
        await self._list()

    async def _remove(self) -> None:
        if await remove(self.account, ScreenUI(self), self._selected):
            await self._list()
