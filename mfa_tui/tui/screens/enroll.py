"""Adding an authenticator app."""

from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.account.typed_code import parse_code
from mfa_tui.protocol import models
from mfa_tui.tui.screens.qr import QrScreen
from mfa_tui.tui.screens.step_up import ProtectedScreen
from mfa_tui.tui.secure_app import watch_covered
from mfa_tui.tui.widgets.code_input import CodeInput
from mfa_tui.workflows import messages
from mfa_tui.workflows.factors import discard

_GROUP = 4
_COVERED = "•" * 32
_MAX_KEY_LENGTH = 256
"""In characters."""


class EnrollScreen(ProtectedScreen[bool]):
    """Shows the secret key for the app, as text and as a QR code, and asks for the app's first code."""

    DEFAULT_CSS = """
    EnrollScreen {
        #secret { text-style: bold; margin-bottom: 1; }
        &.-short, &.-tiny {
            #secret { margin-bottom: 0; }
        }
    }
    """
    HEADING = "Add an authenticator app"
    SHOWS_SECRETS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "confirm", "Confirm", key_display="enter", priority=True),
        Binding("f2", "qr", "QR code"),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._registration: models.TotpRegistration | None = None
        self._secret = Static(id="secret")
        self.field = CodeInput("123456")

    def compose_body(self) -> list[Widget]:
        """Return the secret and the field."""
        return [Static("Secret key"), self._secret, Static("First code of the app"), self.field]

    def on_mount(self) -> None:
        """Register the app."""
        self.field.focus()
        watch_covered(self, self._show_key)
        self.run_task(self._register, messages.REGISTERING)

    def render_state(self, state: State) -> None:
        """Draw nothing more: the key is requested when the screen opens."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only the actions that are possible now."""
        confirming = self.busy and self._registration is not None
        return not confirming if action == "leave" else self._registration is not None and not self.busy

    def action_qr(self) -> None:
        """Show the QR code."""
        if self._registration is not None:
            self.app.push_screen(QrScreen(self._registration.uri, "Type the key instead."))

    def action_confirm(self) -> None:
        """Confirm the app with its first code, after all keys before Enter have reached the field."""
        self.field.call_later(self.run_task, self._confirm)

    def action_leave(self) -> None:
        """Go back, after the app that is not confirmed is removed."""
        if self._registration is None:
            self.dismiss(False)
        else:
            self.run_task(partial(self._leave, self._registration))

    async def _leave(self, registration: models.TotpRegistration) -> None:
        await discard(self.account, registration)
        self.dismiss(False)

    async def _register(self) -> None:
        self._registration = await self.account.register_totp_mfa_device()
        self._show_key(self.is_covered)
        self.status.show(
            "Give this key to your app",
            "Type it there, or scan the QR code (F2). Then type the code that the app shows.",
        )
        self.refresh_bindings()

    def _show_key(self, covered: bool) -> None:
        if self._registration is not None:
            key = _COVERED if covered else sanitize.one_line(self._registration.secret.reveal(), _MAX_KEY_LENGTH)
            self._secret.update(Content(" ".join(key[i : i + _GROUP] for i in range(0, len(key), _GROUP))))

    async def _confirm(self) -> None:
        if self._registration is not None:
            await self.account.confirm_totp_mfa_device(self._registration, parse_code(self.field.value))
            self.dismiss(True)
