"""Going each way to a clipboard: filling it, and clearing it by the same means."""

import sys
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from mfa_tui.terminal import process
from mfa_tui.terminal.clipboard.desktop import DesktopResult
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.terminal.clipboard.sequences import osc52, through_screen

BUFFER = "mfa-tui"
"""The name of our buffer in tmux. Named, so that nobody's own buffers are touched."""

EMPTY = " "
"""What clears a terminal's clipboard: terminals and tmux swallow an OSC 52 without a text."""

Write = Callable[[str], None]
"""Sends a sequence to the terminal."""


class ClearResult(Enum):
    """What came of clearing a clipboard, in words."""

    CLEARED = "cleared"
    SENT = "clearing sent"
    CHANGED = "changed since, left alone"
    FAILED = "could not be cleared"


class Backend(Protocol):
    """A way to a clipboard."""

    async def copy(self, text: str) -> bool:
        """Put the text there. Returns whether it was taken, or sent where nobody answers."""

    async def clear(self, text: str) -> ClearResult:
        """Take the text away again, unless something else is there by now and that can be known."""


class Desktop:
    """The desktop's clipboard, through pyperclip in a process of its own."""

    async def copy(self, text: str) -> bool:
        """Put the text there, and read it back."""
        return await self._run("copy", text) == DesktopResult.DONE

    async def clear(self, text: str) -> ClearResult:
        """Empty it, if it still holds the text."""
        match await self._run("clear", text):
            case DesktopResult.DONE:
                return ClearResult.CLEARED
            case DesktopResult.CHANGED:
                return ClearResult.CHANGED
            case _:
                return ClearResult.FAILED

    async def _run(self, verb: str, text: str) -> int | None:
        # -P: nothing is imported from the folder that the person happens to be in.
        return await process.run_with_input(
            [sys.executable, "-P", "-m", "mfa_tui.terminal.clipboard.desktop", verb], text
        )


class Wayland:
    """A Wayland desktop's clipboard."""

    async def copy(self, text: str) -> bool:
        """Put the text there, out of sight of clipboard histories where this `wl-copy` can do that (2.3)."""
        return (
            await process.run_with_input(["wl-copy", "--sensitive"], text) == 0
            or await process.run_with_input(["wl-copy"], text) == 0
        )

    async def clear(self, text: str) -> ClearResult:
        """Empty it, if it still holds the text."""
        there = await process.read_output(["wl-paste", "--no-newline"])
        if there is not None and there != text.encode():
            return ClearResult.CHANGED
        return ClearResult.CLEARED if await process.run_with_input(["wl-copy", "--clear"]) == 0 else ClearResult.FAILED


class Tmux:
    """A buffer of tmux, which hands it on to the terminal around it (`-w`, tmux 3.2)."""

    async def copy(self, text: str) -> bool:
        """Put the text into our buffer, and have it handed on."""
        return await process.run_with_input(["tmux", "load-buffer", "-w", "-b", BUFFER, "-"], text) == 0

    async def clear(self, text: str) -> ClearResult:  # noqa: ARG002 - the buffer is ours, whatever it holds
        """Remove our buffer, and have the terminal's clipboard overwritten, which nobody can look into."""
        await self.copy(EMPTY)
        removed = await process.run_with_input(["tmux", "delete-buffer", "-b", BUFFER]) == 0
        return ClearResult.SENT if removed else ClearResult.FAILED


class Terminal:
    """The terminal's own clipboard, by OSC 52. It answers nothing.

    Args:
        write: Sends a sequence to the terminal.
    """

    def __init__(self, write: Write) -> None:
        self._write = write

    async def copy(self, text: str) -> bool:
        """Send the text."""
        self._write(osc52(text))
        return True

    async def clear(self, text: str) -> ClearResult:  # noqa: ARG002 - nobody can look what is there now
        """Overwrite what is there."""
        await self.copy(EMPTY)
        return ClearResult.SENT


class NullClipboard:
    """No clipboard."""

    async def copy(self, text: str) -> bool:  # noqa: ARG002
        """Take nothing."""
        return False

    async def clear(self, text: str) -> ClearResult:  # noqa: ARG002
        """Hold nothing."""
        return ClearResult.CLEARED


def create_backend(route: BackendKind, write: Write) -> Backend:
    """Return what goes this way."""
    match route:
        case BackendKind.DESKTOP:
            return Desktop()
        case BackendKind.WAYLAND:
            return Wayland()
        case BackendKind.TMUX:
            return Tmux()
        case BackendKind.SCREEN:
            return Terminal(lambda sequence: write(through_screen(sequence)))
        case BackendKind.TERMINAL:
            return Terminal(write)
        case BackendKind.NONE:
            return NullClipboard()
