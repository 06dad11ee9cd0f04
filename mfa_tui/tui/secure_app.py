"""The base of the full-screen app: hides codes, clears the clipboard, draws safely, and ends in good order."""

import contextlib
import math
import sys
from collections.abc import Callable, Sequence
from typing import ClassVar, Self, cast

from rich.console import RenderableType
from rich.text import Text
from textual import events, work
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.filter import LineFilter, NoColor
from textual.reactive import var
from textual.screen import Screen
from textual.worker import WorkerFailed

from mfa_tui import log
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.log import Event
from mfa_tui.redaction import CrashReport, Secret
from mfa_tui.terminal import capabilities
from mfa_tui.terminal.capabilities import is_in_foreground
from mfa_tui.terminal.clipboard.clipboard import Clipboard
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.terminal.console import hints
from mfa_tui.timing import DEFAULT_TIMING, Timing
from mfa_tui.tui.rendering.driver import ErasingDriver
from mfa_tui.tui.rendering.screen_buffer import DiffUpdate, ScreenBuffer, in_ascii

LEAVING = {"ctrl+c", "ctrl+q", "ctrl+z"}
"""Keys that work while the codes are hidden, and do not show them."""


class SecureApp(App[str]):
    """An app that shows secrets on its screen.

    Args:
        clipboard_kind: The kind of the clipboard.
        hide_after: Seconds without a key after which the codes are hidden; 0 for never.
        timing: How long the app waits.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    covered: var[bool] = var(default=False)
    """Whether the codes are hidden, because nobody seems to look at this window."""

    clipboard_status: var[str] = var("")
    """The copied text's state and time left, in words; empty if nothing was copied."""

    def __init__(self, clipboard_kind: BackendKind, hide_after: float, timing: Timing = DEFAULT_TIMING) -> None:
        super().__init__(driver_class=ErasingDriver)
        self.timing = timing
        self.user_clipboard = Clipboard(clipboard_kind, self.send, timing)
        self._screen_buffer = ScreenBuffer(str if capabilities.is_utf8() else in_ascii)
        self._line_filters: list[LineFilter] = [NoColor()] if self.no_color else []
        self._hide_after = hide_after

    @classmethod
    def of(cls, node: DOMNode) -> Self | None:
        """Return the app of a node if it covers secrets and has a clipboard; None for any other textual app."""
        return node.app if isinstance(node.app, cls) else None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters for all that is drawn. Textual's own filter turns colours into greys for `NO_COLOR`."""
        return self._line_filters

    def on_mount(self) -> None:
        """Start the timers."""
        if not self.is_headless:
            self.set_interval(1, self._check_terminal)
        self.app_resume_signal.subscribe(self, lambda _: self._redraw())
        self._idle_timer = self.set_timer(self._hide_after, self.cover, pause=not self._hide_after)
        self._clipboard_timer = self.set_interval(
            self.timing.clipboard_refresh, self._refresh_clipboard_status, pause=True
        )

    async def on_event(self, event: events.Event) -> None:
        """Handle user input; a key that shows hidden codes does nothing else."""
        if isinstance(event, events.Key | events.MouseDown | events.Paste) and not event.is_forwarded:
            self._restart_idle_timer()
            self.handle_user_input()
            if self.covered and not (isinstance(event, events.Key) and event.key in LEAVING):
                self.covered = False
                if isinstance(event, events.Key) and getattr(self.screen, "SHOWS_SECRETS", False):
                    return
        await super().on_event(event)

    def handle_user_input(self) -> None:
        """Prepare for a key, click or paste, which is handled next."""

    def show_profiles(self) -> None:
        """Show the profiles, to switch to another one, if the app can."""

    def on_app_blur(self) -> None:
        """Hide the codes when the window loses the focus."""
        self.cover()

    def cover(self) -> None:
        """Hide the codes until a key is pressed."""
        log.note(Event.COVER)
        self.covered = True

    def send(self, sequence: str) -> None:
        """Send a sequence to the terminal: between two frames, or at once if no screen is shown."""
        if self._driver is not None and self._running:
            self._driver.write(sequence)
        elif sys.__stderr__ is not None:
            with contextlib.suppress(OSError):
                sys.__stderr__.write(sequence)
                sys.__stderr__.flush()

    async def copy(self, text: Secret) -> None:
        """Copy a text to the user's clipboard, and clear it after a time limit.

        Raises:
            ClipboardError: The clipboard did not take it.
        """
        await self.user_clipboard.copy(text)
        log.note(Event.COPY, route=self.user_clipboard.kind)
        self._clipboard_timer.stop()
        self._clipboard_timer = self.set_interval(self.timing.clipboard_refresh, self._refresh_clipboard_status)
        self._refresh_clipboard_status()

    def _check_terminal(self) -> None:
        if not is_in_foreground():
            self.end(ExitCode.HANGUP)

    def _refresh_clipboard_status(self) -> None:
        left = math.ceil(self.user_clipboard.seconds_left)
        if left > 0:
            self.clipboard_status = f"clipboard: {left} s"
        elif self.user_clipboard.is_held:
            self._clear()
        else:
            self.clipboard_status = ""
            self._clipboard_timer.stop()

    @work(description="clear the clipboard", exclusive=True, group="clear")
    async def _clear(self) -> None:
        clearing = await self.user_clipboard.clear()
        log.note(Event.CLEAR, came=clearing)
        self.clipboard_status = f"clipboard: {clearing.value}"

    def end(self, code: ExitCode) -> None:
        """End in good order, with an exit code."""
        log.note(Event.END, code=code)
        self.exit(return_code=code)

    async def action_suspend_process(self) -> None:  # type: ignore[override]  # textual awaits both kinds
        """Return to the shell; clear the clipboard before, since a stopped program cannot."""
        await self.user_clipboard.clear()
        self.clipboard_status = ""
        self.cover()
        super().action_suspend_process()

    def _redraw(self) -> None:
        self._screen_buffer.invalidate()
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Send only the part of a frame that changes the screen."""
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, cast("RenderableType", DiffUpdate(renderable, self._screen_buffer, self.size)))
        else:
            super()._display(screen, renderable)

    def _restart_idle_timer(self) -> None:
        if self._hide_after:
            self._idle_timer.stop()
            self._idle_timer = self.set_timer(self._hide_after, self.cover)

    def _fatal_error(self) -> None:
        """End with a message without secrets: textual's own report prints the local variables of each frame."""
        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error
        if isinstance(error, MfaTuiError):
            self._return_code = error.exit_code
            message = hints.complete(f"mfa-tui: {error}")
            log.note(Event.ERROR, kind=type(error))
        else:
            self._return_code = ExitCode.FAULT
            message = str(CrashReport.from_exception(error or Exception()))
            log.note(Event.CRASH, kind=type(error))
        self._exit_renderables[:] = self._exit_renderables[:1] or [Text(message)]
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:  # noqa: ARG002 - they may contain secrets
        """End in the same way as for an unhandled error."""
        self._fatal_error()


def watch_covered(node: DOMNode, callback: Callable[[bool], None], *, init: bool = True) -> None:
    """Call a function whenever the app covers or uncovers secrets, and with `init` at once.

    Another app than a `SecureApp` never covers them.
    """
    if app := SecureApp.of(node):
        node.watch(app, "covered", callback, init=init)
    elif init:
        callback(False)
