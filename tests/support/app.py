"""Drives the screens without a terminal: reads their text and presses keys."""

import asyncio
import re
import time
from collections.abc import Callable

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from mfa_tui.tui.app import MfaTui

_CODE = re.compile(r"(\d+)\??\s+([A-Z2-9]{5} [A-Z2-9]{5})")

TIMEOUT = 20.0
"""Seconds after which a wait fails."""


class AppPilot:
    """Presses keys, and waits for text on the screen."""

    def __init__(self, pilot: "Pilot[str]", app: MfaTui) -> None:
        self._pilot = pilot
        self.app = app

    @property
    def text(self) -> str:
        """The text of the top screen, as lines."""
        screen = self.app.screen
        strips = screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def words(self) -> str:
        """The text of the top screen, as one line."""
        return " ".join(self.text.split())

    async def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition holds."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.text}"
            await asyncio.sleep(0.005)

    async def wait_for_text(self, *texts: str) -> str:
        """Wait until the top screen contains all of these, and return its text."""
        await self.wait_until(lambda: all(text in self.words for text in texts), f"{texts}")
        return self.text

    async def settled_text(self) -> str:
        """Return the screen once the current job has ended and every message is handled."""
        await self.wait_until(lambda: not getattr(self.app.screen, "busy", False), "the end of a job")
        await self._pilot.pause()
        return self.text

    def codes(self) -> dict[int, str]:
        """The codes in the grid, by number."""
        return {int(place): code for place, code in _CODE.findall(self.text)}

    async def wait_for_codes(self, number: int = 10) -> dict[int, str]:
        """Wait until the grid has this many codes, and return them by number."""
        await self.wait_until(lambda: len(self.codes()) == number, f"{number} codes")
        return self.codes()

    async def wait_for_exit(self) -> None:
        """Wait until the app has exited."""
        await self.wait_until(lambda: self.app.return_code is not None, "the end")

    async def press(self, *keys: str) -> None:
        """Press keys, by their names in textual, once the current job has ended."""
        await self.wait_until(lambda: not getattr(self.app.screen, "busy", False), "the end of a job")
        await self.interrupt(*keys)

    async def interrupt(self, *keys: str) -> None:
        """Press keys at once, even during a job."""
        await self._pilot.press(*keys)

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        await self._pilot.resize_terminal(width, height)

    async def type(self, text: str) -> None:
        """Paste a text into the focused field; this may lead to another screen."""
        await self.wait_until(lambda: isinstance(self.app.screen.focused, Input), "a field")
        screen = self.app.screen
        field = screen.focused
        assert isinstance(field, Input)
        typed = field.value + " ".join(text.split())
        field.post_message(events.Paste(text))
        await self.wait_until(lambda: field.value == typed or self.app.screen is not screen, f"{typed} in the field")
