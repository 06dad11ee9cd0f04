"""The notice that the service has not answered for a while."""

from textual.widgets import Static

from mfa_tui.account.account import Account
from mfa_tui.client.messages import no_answer
from mfa_tui.client.pending import PendingRequest
from mfa_tui.timing import Timing


class WaitNotice(Static):
    """Shows for how many seconds the service has not answered. It is hidden while no request takes long.

    Args:
        account: The account, whose requests it follows.
    """

    DEFAULT_CSS = """
    WaitNotice { height: auto; max-width: 72; }
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.display = False
        self._account = account
        self._long_wait = 0.0

    def start(self, timing: Timing) -> None:
        """Follow the requests from now on."""
        self._long_wait = timing.long_wait
        self.set_interval(timing.wait_tick, self._tick)

    @property
    def requests(self) -> list[PendingRequest]:
        """The requests that take long, the oldest one first."""
        return [request for request in self._account.client.pending if request.seconds >= self._long_wait]

    def _tick(self) -> None:
        requests, was_shown = self.requests, self.display
        self.display = bool(requests)
        if requests:
            can_be_cancelled = any(request.can_be_cancelled for request in requests)
            hint = "Esc cancels." if can_be_cancelled else "Esc says what is not known yet."
            self.update(f"{no_answer(requests[0].seconds)} {hint}")
        if self.display and not was_shown:  # a small window may not have room for it below the fields
            self.call_after_refresh(self.scroll_visible, animate=False)
