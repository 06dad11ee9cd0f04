"""The person's clipboard: what this program put there, and taking it away again."""

import asyncio
import time

from mfa_tui.errors import MfaTuiError
from mfa_tui.redaction import Secret
from mfa_tui.terminal.clipboard.backends import BUFFER, ClearResult, Write, create_backend
from mfa_tui.terminal.clipboard.selection import BackendKind

CLEAR_AFTER = 45.0
"""Seconds until what was copied is cleared. Source: what `pass` does."""


class ClipboardError(MfaTuiError):
    """The clipboard did not take the text."""

    def __init__(self) -> None:
        super().__init__(
            "The clipboard did not take it.",
            impact="Your codes are as they were, and nothing was copied.",
            hint="Save them to a file, or press m to show one code a line.",
        )


class Clipboard:
    """The clipboard that the person pastes from, wherever it is.

    Args:
        route: The way there.
        write: Sends a sequence to the terminal.
    """

    def __init__(self, route: BackendKind, write: Write) -> None:
        self.route = route
        self._carrier = create_backend(route, write)
        self._held: Secret | None = None
        self._deadline = 0.0
        self._turn = asyncio.Lock()

    @property
    def is_held(self) -> bool:
        """Whether something is there that was put there from here."""
        return self._held is not None

    @property
    def seconds_left(self) -> float:
        """Until it is to be cleared."""
        return max(0.0, self._deadline - time.monotonic())

    async def copy(self, text: Secret) -> None:
        """Put a text there, to be cleared after `KEPT` seconds.

        Raises:
            ClipboardError: It was not taken.
        """
        async with self._turn:
            self._held = text
            self._deadline = time.monotonic() + CLEAR_AFTER
            if not await self._carrier.copy(text.reveal()):
                # A tool that was stopped for being slow may have put it there all the same.
                await self._carrier.clear(text.reveal())
                self._held = None
                raise ClipboardError

    async def clear(self) -> ClearResult:
        """Take away what was put there, if anything."""
        async with self._turn:
            held, self._held = self._held, None
            return ClearResult.CLEARED if held is None else await self._carrier.clear(held.reveal())


def copied_message(route: BackendKind, what: str) -> tuple[str, str]:
    """Return what may be said once `what` was copied: a heading, and sentences. "Copied" only where that is proven."""
    match route:
        case BackendKind.DESKTOP | BackendKind.WAYLAND:
            return f"Copied {what}", f"It is on the clipboard for {CLEAR_AFTER:.0f} s, or until you leave."
        case BackendKind.TMUX:
            return (
                f"Copied {what} to tmux's {BUFFER}",
                "Paste by prefix and =. It was sent to your terminal too: try there.",
            )
        case _:
            return (
                f"Sent {what} to your terminal",
                "It does not say if its clipboard took it. If pasting fails, press m.",
            )
