"""A link for the user's browser, which creates or uses a passkey."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.terminal import browser
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui.screens.qr import QrScreen
from mfa_tui.tui.screens.wait import WaitScreen
from mfa_tui.tui.secure_app import SecureApp
from mfa_tui.tui.widgets.countdown import Countdown
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import BrowserLink


class BrowserLinkScreen(WaitScreen[HandoffProgress]):
    """Shows a link and its code until a browser has answered, whose answer is its result; None if the user goes back.

    Args:
        link: The link.
        wait: Waits for the browser.
    """

    DEFAULT_CSS = """
    BrowserLinkScreen {
        .box { width: 76; }
        VerticalScroll { height: auto; max-height: 100%; }
        #code { text-style: bold; margin-bottom: 1; }
        &.-short {
            #code, Footer { margin: 0; }
            #advice, Countdown { display: none; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open the browser", key_display="enter"),
        Binding("f2", "qr", "QR code"),
        Binding("c", "copy(0)", "Copy link"),
        Binding("t", "copy(1)", "Copy command"),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]) -> None:
        super().__init__(wait)
        self._link = link
        self._countdown = Countdown("The link expires")

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with VerticalScroll(classes="box") as box:
            box.border_title = Content(messages.IN_BROWSER)
            yield Static(Content(messages.compare_code(self._link)), id="code")
            if self._link.tunnel:
                yield Static(Content(f"{messages.RUN_TUNNEL}\n{self._link.tunnel}"))
            yield Static(Content(f"{messages.open_link(self._link)}\n{self._link.url.reveal()}"))
            yield Static(Content(messages.KEEP_LINK), id="advice")
            yield self._countdown
            yield Footer()

    def on_mount(self) -> None:
        """Count down until the link expires."""
        self._countdown.start(self._link.seconds)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what is possible here."""
        match action:
            case "open":
                return self._link.can_open
            case "qr":
                return self._link.is_for_any_device
            case "copy":
                app = SecureApp.of(self)
                has_clipboard = app is not None and app.user_clipboard.kind is not BackendKind.NONE
                return has_clipboard and (parameters == (0,) or bool(self._link.tunnel))
        return True

    async def action_open(self) -> None:
        """Open the page in the user's browser."""
        await browser.open_page(self._link.url)

    def action_qr(self) -> None:
        """Show the link as a QR code."""
        self.app.push_screen(QrScreen(self._link.url, "Open the link instead."))

    async def action_copy(self, which: int) -> None:
        """Copy the link or the command."""
        if app := SecureApp.of(self):
            await app.copy(Secret(self._link.tunnel) if which else self._link.url)
