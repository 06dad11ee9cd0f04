"""The line at the top: which program, who, where."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from mfa_tui import text
from mfa_tui.account.account import Account
from mfa_tui.account.state import State

_LONGEST_EMAIL = 40


class Masthead(Horizontal):
    """Says which program this is, who is signed in, and at which service.

    Args:
        account: Whose name and service.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self._who = Static(id="who")

    def compose(self) -> ComposeResult:
        """Lay out the program's name on the left, who and where on the right."""
        yield Static("mfa-tui", id="program")
        yield self._who

    def show(self, state: State) -> None:
        """Show whose account it is."""
        email = text.one_line(state.email, _LONGEST_EMAIL)
        place = self._account.place
        self._who.update(Content(f"{email} · {place}" if email else place))
