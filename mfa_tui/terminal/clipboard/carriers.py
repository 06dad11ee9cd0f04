"""Going each way to a clipboard: filling it, and clearing it by the same means."""

import sys
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from mfa_tui.terminal import tool
from mfa_tui.terminal.clipboard.desktop import Status
from mfa_tui.terminal.clipboard.plan import Route
from mfa_tui.terminal.clipboard.sequences import osc52, through_screen

BUFFER = "mfa-tui"
"""The name of our buffer in tmux. Named, so that nobody's own buffers are touched."""

EMPTY = " "
"""What clears a terminal's clipboard: terminals and tmux swallow an OSC 52 without a text."""

Write = Callable[[str], None]
"""Sends a sequence to the terminal."""


class Clearing(Enum):
    """What came of clearing a clipboard, in words."""

    CLEARED = "cleared"
    SENT = "clearing sent"
    CHANGED = "changed since, left alone"
    FAILED = "could not be cleared"


class Carrier(Protocol):
    """A way to a clipboard."""

    async def fill(self, text: str) -> bool:
        """Put the text there. Returns whether it was taken, or sent where nobody answers."""

    async def clear(self, text: str) -> Clearing:
        """Take the text away again, unless something else is there by now and that can be known."""


class Desktop:
    """The desktop's clipboard, through pyperclip in a process of its own."""

    async def fill(self, text: str) -> bool:
        """Put the text there, and read it back."""
        return await self._run("copy", text) == Status.DONE

    async def clear(self, text: str) -> Clearing:
        """Empty it, if it still holds the text."""
        match await self._run("clear", text):
            case Status.DONE:
                return Clearing.CLEARED
            case Status.CHANGED:
                return Clearing.CHANGED
            case _:
                return Clearing.FAILED

    async def _run(self, verb: str, text: str) -> int | None:
        # -P: nothing is imported from the folder that the person happens to be in.
        return await tool.give([sys.executable, "-P", "-m", "mfa_tui.terminal.clipboard.desktop", verb], text)


class Wayland:
    """A Wayland desktop's clipboard."""

    async def fill(self, text: str) -> bool:
        """Put the text there, out of sight of clipboard histories where this `wl-copy` can do that (2.3)."""
        return await tool.give(["wl-copy", "--sensitive"], text) == 0 or await tool.give(["wl-copy"], text) == 0

    async def clear(self, text: str) -> Clearing:
        """Empty it, if it still holds the text."""
        there = await tool.take(["wl-paste", "--no-newline"])
        if there is not None and there != text.encode():
            return Clearing.CHANGED
        return Clearing.CLEARED if await tool.give(["wl-copy", "--clear"]) == 0 else Clearing.FAILED


class Tmux:
    """A buffer of tmux, which hands it on to the terminal around it (`-w`, tmux 3.2)."""

    async def fill(self, text: str) -> bool:
        """Put the text into our buffer, and have it handed on."""
        return await tool.give(["tmux", "load-buffer", "-w", "-b", BUFFER, "-"], text) == 0

    async def clear(self, text: str) -> Clearing:  # noqa: ARG002 - the buffer is ours, whatever it holds
        """Remove our buffer, and have the terminal's clipboard overwritten, which nobody can look into."""
        await self.fill(EMPTY)
        removed = await tool.give(["tmux", "delete-buffer", "-b", BUFFER]) == 0
        return Clearing.SENT if removed else Clearing.FAILED


class Terminal:
    """The terminal's own clipboard, by OSC 52. It answers nothing.

    Args:
        write: Sends a sequence to the terminal.
    """

    def __init__(self, write: Write) -> None:
        self._write = write

    async def fill(self, text: str) -> bool:
        """Send the text."""
        self._write(osc52(text))
        return True

    async def clear(self, text: str) -> Clearing:  # noqa: ARG002 - nobody can look what is there now
        """Overwrite what is there."""
        await self.fill(EMPTY)
        return Clearing.SENT


class Nowhere:
    """No clipboard."""

    async def fill(self, text: str) -> bool:  # noqa: ARG002
        """Take nothing."""
        return False

    async def clear(self, text: str) -> Clearing:  # noqa: ARG002
        """Hold nothing."""
        return Clearing.CLEARED


def carrier_for(route: Route, write: Write) -> Carrier:
    """Return what goes this way."""
    match route:
        case Route.DESKTOP:
            return Desktop()
        case Route.WAYLAND:
            return Wayland()
        case Route.TMUX:
            return Tmux()
        case Route.SCREEN:
            return Terminal(lambda sequence: write(through_screen(sequence)))
        case Route.TERMINAL:
            return Terminal(write)
        case Route.NONE:
            return Nowhere()
