"""Clipboard backends: each copies a text to one kind of clipboard, and clears it."""

import sys
from base64 import b64encode
from collections.abc import Callable
from enum import Enum, IntEnum
from typing import NamedTuple, Protocol

from mfa_tui.terminal import subprocesses
from mfa_tui.terminal.clipboard.selection import BackendKind

BUFFER = "mfa-tui"
"""The name of the program's buffer in tmux. With a name, the user's own buffers stay untouched."""

EMPTY = " "
"""The text that overwrites a terminal's clipboard: terminals and tmux ignore an OSC 52 without a text."""

MAX_SCREEN_BYTES = 240
"""Bytes in one part for GNU screen, which drops a longer one (MAXSTR is 256 in screen 4)."""

Write = Callable[[str], None]
"""Sends a sequence to the terminal."""


class ClearResult(Enum):
    """The result of clearing a clipboard, in words."""

    CLEARED = "cleared"
    SENT = "clearing sent"
    CHANGED = "changed since, left alone"
    FAILED = "could not be cleared"


class Backend(Protocol):
    """One kind of clipboard."""

    async def copy(self, text: str) -> bool:
        """Copy the text. Returns whether it was taken, or sent if the clipboard cannot confirm it."""

    async def clear(self, text: str) -> ClearResult:
        """Clear the text, unless the clipboard is known to hold another one now."""


class DesktopResult(IntEnum):
    """The result of an operation of `desktop`: the exit status of its process."""

    DONE = 0
    FAILED = 1
    """Python itself exits with this status on an exception, too."""
    CHANGED = 3
    """The clipboard now holds another text, and was left unchanged."""


class Desktop(NamedTuple):
    """The desktop's clipboard, through pyperclip in a child process."""

    time_limit: float
    """Seconds that its tool may take."""

    async def copy(self, text: str) -> bool:
        """Copy the text, and read it back."""
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

    async def _run(self, operation: str, text: str) -> int | None:
        # -P: nothing is imported from the current folder.
        return await subprocesses.run_with_input(
            [sys.executable, "-P", "-m", "mfa_tui.terminal.clipboard.desktop", operation], text, self.time_limit
        )


class Wayland(NamedTuple):
    """A Wayland desktop's clipboard."""

    time_limit: float
    """Seconds that its tool may take."""

    async def copy(self, text: str) -> bool:
        """Copy the text, hidden from clipboard histories if this `wl-copy` supports that (2.3)."""
        return (
            await subprocesses.run_with_input(["wl-copy", "--sensitive"], text, self.time_limit) == 0
            or await subprocesses.run_with_input(["wl-copy"], text, self.time_limit) == 0
        )

    async def clear(self, text: str) -> ClearResult:
        """Empty it, if it still holds the text."""
        content = await subprocesses.read_output(["wl-paste", "--no-newline"], self.time_limit)
        if content is not None and content != text.encode():
            return ClearResult.CHANGED
        cleared = await subprocesses.run_with_input(["wl-copy", "--clear"], time_limit=self.time_limit) == 0
        return ClearResult.CLEARED if cleared else ClearResult.FAILED


class Tmux(NamedTuple):
    """A buffer of tmux, which forwards it to the outer terminal (`-w`, tmux 3.2)."""

    time_limit: float
    """Seconds that its tool may take."""

    async def copy(self, text: str) -> bool:
        """Load the text into the program's buffer, and forward it."""
        return (
            await subprocesses.run_with_input(["tmux", "load-buffer", "-w", "-b", BUFFER, "-"], text, self.time_limit)
            == 0
        )

    async def clear(self, text: str) -> ClearResult:
        """Delete the buffer, and overwrite the outer terminal's clipboard, which cannot be read.

        If another copy of the program has loaded the buffer since, it is that one's to clear.
        """
        content = await subprocesses.read_output(["tmux", "show-buffer", "-b", BUFFER], self.time_limit)
        if content is not None and content != text.encode():
            return ClearResult.CHANGED
        await self.copy(EMPTY)
        removed = (
            await subprocesses.run_with_input(["tmux", "delete-buffer", "-b", BUFFER], time_limit=self.time_limit) == 0
        )
        return ClearResult.SENT if removed else ClearResult.FAILED


class Terminal:
    """The terminal's own clipboard, by OSC 52, which has no response.

    Args:
        write: Sends a sequence to the terminal.
    """

    def __init__(self, write: Write) -> None:
        self._write = write

    async def copy(self, text: str) -> bool:
        """Send the text."""
        self._write(osc52(text))
        return True

    async def clear(self, text: str) -> ClearResult:  # noqa: ARG002 - the clipboard cannot be read
        """Overwrite the clipboard."""
        await self.copy(EMPTY)
        return ClearResult.SENT


class NullClipboard:
    """No clipboard."""

    async def copy(self, text: str) -> bool:  # noqa: ARG002 - nothing is copied
        """Copy nothing."""
        return False

    async def clear(self, text: str) -> ClearResult:  # noqa: ARG002 - nothing is copied
        """Clear nothing."""
        return ClearResult.CLEARED


def create_backend(kind: BackendKind, write: Write, time_limit: float) -> Backend:
    """Return a backend of this kind; `time_limit` is how many seconds its tool may take, if it has one."""
    match kind:
        case BackendKind.DESKTOP:
            return Desktop(time_limit)
        case BackendKind.WAYLAND:
            return Wayland(time_limit)
        case BackendKind.TMUX:
            return Tmux(time_limit)
        case BackendKind.SCREEN:
            return Terminal(lambda sequence: write(through_screen(sequence)))
        case BackendKind.TERMINAL:
            return Terminal(write)
        case BackendKind.NONE:
            return NullClipboard()


def osc52(text: str) -> str:
    """Return the OSC 52 sequence that puts `text` on the terminal's clipboard."""
    return f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"


def through_screen(sequence: str) -> str:
    """Wrap a sequence in device control strings, which GNU screen forwards to the outer terminal, in parts."""
    parts = [sequence[at : at + MAX_SCREEN_BYTES] for at in range(0, len(sequence), MAX_SCREEN_BYTES)]
    return "".join(f"\x1bP{part}\x1b\\" for part in parts)
