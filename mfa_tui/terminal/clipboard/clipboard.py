"""The user's clipboard: copies a text, and clears it after a time limit."""

import asyncio
import time

from mfa_tui.errors import MfaTuiError
from mfa_tui.redaction import Secret
from mfa_tui.terminal.clipboard.backends import BUFFER, ClearResult, Write, create_backend
from mfa_tui.terminal.clipboard.guard import ClipboardGuard
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import DEFAULT_TIMING, Timing


class ClipboardError(MfaTuiError):
    """The clipboard did not take the text."""

    def __init__(self) -> None:
        super().__init__(
            "The clipboard did not take it.",
            impact="Your codes are unchanged, and nothing was copied.",
            hint="Save them to a file, or press m to show one code a line.",
        )


class Clipboard:
    """The clipboard that the user pastes from, on this machine or behind the terminal.

    Args:
        kind: The kind of its backend.
        write: Sends a sequence to the terminal.
        timing: How long until a copied text is due to be cleared, and how long a tool may take.
    """

    def __init__(self, kind: BackendKind, write: Write, timing: Timing = DEFAULT_TIMING) -> None:
        self.kind = kind
        self._clear_after = timing.clipboard_clear_after
        self._backend = create_backend(kind, write, timing.tool_timeout)
        self._held: Secret | None = None
        self._guard: ClipboardGuard | None = None
        self._deadline = 0.0
        self._lock = asyncio.Lock()

    @property
    def is_held(self) -> bool:
        """Whether the clipboard holds a text that this program copied."""
        return self._held is not None

    @property
    def seconds_left(self) -> float:
        """Seconds until the text is due to be cleared."""
        return max(0.0, self._deadline - time.monotonic())

    async def copy(self, text: Secret) -> None:
        """Copy a text, due to be cleared after a time limit.

        Raises:
            ClipboardError: The clipboard did not take it.
        """
        async with self._lock:
            await self._stop_guard()
            self._held = text
            self._guard = await asyncio.to_thread(ClipboardGuard.start, self.kind, text.reveal(), self._clear_after)
            self._deadline = time.monotonic() + self._clear_after
            if not await self._backend.copy(text.reveal()):
                # A tool that was stopped because it was slow may still have copied the text.
                await self._backend.clear(text.reveal())
                await self._stop_guard()
                self._held = None
                raise ClipboardError

    async def clear(self) -> ClearResult:
        """Clear the copied text, if there is one."""
        async with self._lock:
            held, self._held = self._held, None
            if held is None:
                return ClearResult.CLEARED
            result = await self._backend.clear(held.reveal())
            await self._stop_guard()
            return result

    async def _stop_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            await asyncio.to_thread(guard.stop)


def copied_message(kind: BackendKind, subject: str) -> tuple[str, str]:
    """Return a heading and sentences for a copied subject, such as "code 3"; "Copied" only if that is certain."""
    match kind:
        case BackendKind.DESKTOP | BackendKind.WAYLAND:
            return (
                f"Copied {subject}",
                f"It is on the clipboard for {DEFAULT_TIMING.clipboard_clear_after:.0f} s, or until you leave.",
            )
        case BackendKind.TMUX:
            return (
                f"Copied {subject} to tmux's {BUFFER}",
                "Paste by prefix and =. It was sent to your terminal too: try there.",
            )
        case _:
            return (
                f"Sent {subject} to your terminal",
                "It does not say if its clipboard took it. If pasting fails, press m.",
            )
