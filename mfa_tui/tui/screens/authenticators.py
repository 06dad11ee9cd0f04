"""The authenticator apps of the account."""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable

from mfa_tui.account.account import Account
from mfa_tui.account.devices import device_name
from mfa_tui.account.state import State
from mfa_tui.protocol import models
from mfa_tui.tui.screen_ui import ScreenUI
from mfa_tui.tui.screens.enroll import EnrollScreen
from mfa_tui.tui.screens.step_up import ProtectedScreen
from mfa_tui.workflows.devices import make_default, remove


class AuthenticatorsScreen(ProtectedScreen[bool]):
    """Lists the apps, to add one, make one the default, or remove one."""

    HEADING = "Authenticator apps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add"),
        Binding("d", "make_default", "Make default"),
        Binding("x", "remove", "Remove"),
        Binding("escape", "dismiss", "Back", key_display="esc"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._devices: tuple[models.MfaDevice, ...] = ()
        self.table: DataTable[Text] = DataTable(show_header=False, cursor_type="row")
        for width in (30, 16, 10):
            self.table.add_column("", width=width)

    def compose_body(self) -> list[Widget]:
        """Return the list."""
        return [self.table]

    def on_mount(self) -> None:
        """Read the list."""
        self.run_task(self._read, "Reading your apps")

    def on_screen_resume(self) -> None:
        """Read the list again after an app was added."""
        self.run_task(self._read)

    def render_state(self, state: State) -> None:
        """Draw nothing more: the list is read when the screen is shown."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only the actions that are possible now."""
        if action in {"make_default", "remove"}:
            return not self.busy and bool(self._devices)
        return action != "add" or not self.busy

    def action_add(self) -> None:
        """Add an app."""
        self.app.push_screen(EnrollScreen(self.account))

    def action_make_default(self) -> None:
        """Make the selected app the default."""
        self.run_task(self._make_default)

    def action_remove(self) -> None:
        """Remove the selected app, if the user confirms."""
        self.run_task(self._remove)

    @property
    def _selected(self) -> models.MfaDevice:
        return self._devices[self.table.cursor_row]

    async def _read(self) -> None:
        await self._list()
        if self._devices:
            self.status.show("These can pass a challenge too", "A recovery code is for when none of them is at hand.")
        else:
            self.status.show(
                "No app yet", "Press a to add one. Then a sign-in needs no recovery code, until you lose the app."
            )

    async def _list(self) -> None:
        self._devices = await self.account.get_mfa_devices()
        self.table.clear()
        for device in self._devices:
            state = "default" if device.default else "" if device.verified else "not confirmed"
            self.table.add_row(*(Text(cell) for cell in (device_name(device), state, device.created_at[:10])))
        self.detail.update(str(len(self._devices)) if self._devices else "")
        self.refresh_bindings()

    async def _make_default(self) -> None:
        await make_default(self.account, ScreenUI(self), self._selected)
        await self._list()

    async def _remove(self) -> None:
        if await remove(self.account, ScreenUI(self), self._selected):
            await self._list()
