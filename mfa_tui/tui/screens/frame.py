"""What each full screen has: who and where at the top, what to do next, the keys at the bottom."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.tui.widgets.advice import Advice
from mfa_tui.tui.widgets.key_line import KeyLine
from mfa_tui.tui.widgets.masthead import Masthead


class Frame(Screen[bool]):
    """A full screen of the account. What stands between its title and its advice is the subclass's."""

    ALLOW_SELECT: ClassVar[bool] = False
    HEADING: ClassVar[str]

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self.masthead = Masthead(account.place)
        self.aside = Static(id="aside")
        self.advice = Advice()

    def compose(self) -> ComposeResult:
        """Lay the screen out, top to bottom."""
        yield self.masthead
        with Vertical(id="title"):
            yield Static(self.HEADING, id="heading")
            yield self.aside
        yield from self.compose_body()
        yield self.advice
        yield KeyLine()

    def compose_body(self) -> list[Widget]:
        """Return what this screen is about."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Draw the state, now and whenever it changes."""
        self.watch(self.app, "state", self._draw)

    def _draw(self, state: State) -> None:
        self.masthead.show(state)
        self.draw(state)

    def draw(self, state: State) -> None:
        """Draw the state."""
        raise NotImplementedError
