"""The top line: the program, the clipboard, the user and the service."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.terminal.capabilities import MIN_SIZE

_MAX_EMAIL_LENGTH = 40


class Header(Horizontal):
    """Shows the name of the program, the state of the clipboard, the user and the service.

    Args:
        account: The account, which names the service.
    """

    DEFAULT_CSS = """
    Header {
        height: 1;
        margin-bottom: 2;
        text-style: dim;

        #program { width: auto; margin-right: 2; }
        #clipboard { width: auto; margin-right: 2; }
        #who { width: 1fr; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self._program = Static("mfa-tui", id="program")
        self._clipboard = Static(id="clipboard")
        self._user = Static(id="who")

    def compose(self) -> ComposeResult:
        """Lay out the program and the clipboard on the left, the user and the service on the right."""
        yield self._program
        yield self._clipboard
        yield self._user

    def show_size(self, size: Size) -> None:
        """Show a notice if the window is too small."""
        fits = size.width >= MIN_SIZE.width and size.height >= MIN_SIZE.height
        self._program.update(
            "mfa-tui" if fits else f"Window too small (needs {MIN_SIZE.width}\N{MULTIPLICATION SIGN}{MIN_SIZE.height})"
        )

    def show_clipboard(self, status: str) -> None:
        """Show the state of the clipboard."""
        self._clipboard.update(Content(status))

    def show(self, state: State) -> None:
        """Show the user and the service."""
        email = sanitize.one_line(state.email, _MAX_EMAIL_LENGTH)
        service = self._account.service_name
        self._user.update(Content(f"{email} · {service}" if email else service))
