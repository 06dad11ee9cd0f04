"""The line at the top: which program, who, where."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.terminal.capabilities import MIN_SIZE

_LONGEST_EMAIL = 40


class Header(Horizontal):
    """Says which program this is, what is on the clipboard from here, who is signed in, and at which service.

    Args:
        account: Whose name and service.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self._program = Static("mfa-tui", id="program")
        self._clipboard = Static(id="clipboard")
        self._who = Static(id="who")

    def compose(self) -> ComposeResult:
        """Lay out the program's name on the left, who and where on the right."""
        yield self._program
        yield self._clipboard
        yield self._who

    def show_size(self, size: Size) -> None:
        """Say so where the window is too small for what stands in it."""
        fits = size.width >= MIN_SIZE.width and size.height >= MIN_SIZE.height
        self._program.update("mfa-tui" if fits else f"{MIN_SIZE.width}x{MIN_SIZE.height} shows all")

    def show_clipboard(self, status: str) -> None:
        """Show what is on the clipboard from here, and for how long."""
        self._clipboard.update(Content(status))

    def show(self, state: State) -> None:
        """Show whose account it is."""
        email = sanitize.one_line(state.email, _LONGEST_EMAIL)
        place = self._account.service_name
        self._who.update(Content(f"{email} · {place}" if email else place))
