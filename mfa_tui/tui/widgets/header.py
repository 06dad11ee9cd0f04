"""The top line: the program, the clipboard, the user and the service."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.terminal.capabilities import MIN_SIZE

_MAX_EMAIL_LENGTH = 40
_GAP = "  "


class Header(Widget):
    """Shows the name of the program, the state of the clipboard, the user and the service.

    It is a single widget, because each one more takes 2 ms of the start.

    Args:
        account: The account, which names the service.
    """

    DEFAULT_CSS = """
    Header {
        height: 1;
        margin-bottom: 2;
        text-style: dim;
    }
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self._program = "mfa-tui"
        self._clipboard = ""
        self._user = ""

    def render(self) -> Content:
        """Return the program and the clipboard on the left, and what fits of the user and the service on the right."""
        left = Content("".join(f"{text}{_GAP}" for text in (self._program, self._clipboard) if text))
        room = max(0, self.size.width - left.cell_length)
        right = Content(self._user).truncate(room, ellipsis=True)
        return left + Content(" " * (room - right.cell_length)) + right

    def show_size(self, size: Size) -> None:
        """Show a notice if the window is too small."""
        fits = size.width >= MIN_SIZE.width and size.height >= MIN_SIZE.height
        notice = f"Window too small (needs {MIN_SIZE.width}\N{MULTIPLICATION SIGN}{MIN_SIZE.height})"
        self._program = "mfa-tui" if fits else notice
        self.refresh()

    def show_clipboard(self, status: str) -> None:
        """Show the state of the clipboard."""
        self._clipboard = status
        self.refresh()

    def show(self, state: State) -> None:
        """Show the user and the service."""
        email = sanitize.one_line(state.email, _MAX_EMAIL_LENGTH)
        service = self._account.service_name
        self._user = f"{email} · {service}" if email else service
        self.refresh()
