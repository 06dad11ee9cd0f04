"""A wait, counted down."""

import time

from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from mfa_tui import formatting


class Countdown(Static):
    """Says how long a wait lasts, once a second, and ends by itself. Nothing is shown where there is no wait.

    Args:
        until: What can be done once it is over.
    """

    class Over(Message):
        """The wait is over."""

    def __init__(self, until: str) -> None:
        super().__init__()
        self.display = False
        self._what = until
        self._until = 0.0
        self._timer: Timer | None = None

    @property
    def running(self) -> bool:
        """Whether the wait lasts."""
        return self._timer is not None

    def start(self, seconds: int) -> None:
        """Begin a wait, in place of one that lasts."""
        self._stop()
        self.display = True
        self._until = time.monotonic() + seconds
        self._timer = self.set_interval(1, self._tick)
        self._tick()

    def _tick(self) -> None:
        left = round(self._until - time.monotonic())
        if left > 0:
            self.update(f"{self._what} in {formatting.duration(left)}.")
        else:
            self._stop()
            self.post_message(self.Over())

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.display = False
