"""Rotating the recovery codes."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ScreenResultType
from textual.widget import Widget

from mfa_tui.account.rotation import RotationOutcome
from mfa_tui.account.state import State
from mfa_tui.terminal import capabilities
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui.screen_ui import ScreenUI
from mfa_tui.tui.screens.step_up import ProtectedScreen
from mfa_tui.workflows import messages
from mfa_tui.workflows.rotate import rotate

_QUIT_WARNING = "The codes are being replaced: the next start finds out whether they were"


class RotateScreen(ProtectedScreen[RotationOutcome | None]):
    """Checks, asks and rotates. Its result is the outcome; None if nothing was replaced."""

    HEADING = "Rotate the recovery codes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", key_display="esc")]

    def compose_body(self) -> list[Widget]:
        """Return nothing: the status message shows the progress."""
        return []

    def render_state(self, state: State) -> None:
        """Draw nothing more."""

    def on_mount(self) -> None:
        """Start the rotation."""
        self.run_task(self._rotate, messages.CHECKING)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer to go back after a failure only."""
        return action != "leave" or not self.busy

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    async def _rotate(self) -> None:
        self.dismiss(await rotate_on(self))


async def rotate_on(screen: ProtectedScreen[ScreenResultType]) -> RotationOutcome | None:
    """Rotate, with questions on top of a screen and messages on it; None if the user declined.

    Raises:
        MfaTuiError: As `rotate`.
    """
    app = screen.secure_app
    has_clipboard = app is not None and app.user_clipboard.kind is not BackendKind.NONE
    options = capabilities.backup_options(by_clipboard=has_clipboard)
    return await rotate(screen.account, ScreenUI(screen), options, screen.quit_warning_while(_QUIT_WARNING))
