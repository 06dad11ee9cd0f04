"""A countdown of a wait."""

import time

from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from mfa_tui import formatting


class Countdown(Static):
    """Shows the seconds left of a wait. It is hidden if there is no wait.

    Args:
        label: The text before the time, such as "You can try again".
    """

    DEFAULT_CSS = """
    Countdown { height: auto; }
    """

    class Over(Message):
        """The wait has ended."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.display = False
        self._label = label
        self._deadline = 0.0
        self._timer: Timer | None = None

    @property
    def running(self) -> bool:
        """Whether a wait has started and not ended."""
        return self._timer is not None

    def start(self, seconds: int) -> None:
        """Start a wait, which replaces the current one."""
        self._stop()
        self.display = True
        self._deadline = time.monotonic() + seconds
        self._timer = self.set_interval(1, self._tick)
        self._tick()

    def _tick(self) -> None:
        left = round(self._deadline - time.monotonic())
        if left > 0:
            self.update(f"{self._label} in {formatting.duration(left)}.")
        else:
            self._stop()
            self.post_message(self.Over())

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.display = False
