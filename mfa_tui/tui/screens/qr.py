"""A QR code that fills the screen."""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from mfa_tui.redaction import Secret
from mfa_tui.terminal import capabilities
from mfa_tui.tui.screens.dialog import Dialog
from mfa_tui.tui.secure_app import watch_covered

_QUIET_ZONE = 2
"""Light modules around the code. ISO/IEC 18004 requires four; readers accept two, and 24 lines have no more."""

_INK = Style(color="black", bgcolor="bright_white")
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class QrScreen(Dialog[None]):
    """Shows a text as a QR code, two modules to a character; any of the usual keys goes back.

    Args:
        content: The text.
        alternative: What to do if it cannot be shown, as a sentence.
    """

    DEFAULT_CSS = """
    QrScreen #qr { width: 100%; height: 100%; content-align: center middle; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,f2,q", "dismiss", show=False)]

    def __init__(self, content: Secret, alternative: str) -> None:
        super().__init__()
        self._content = content
        self._alternative = alternative
        self._code = Static(id="qr")

    def on_mount(self) -> None:
        """Close when the app covers its secrets."""
        watch_covered(self, self._close, init=False)

    def compose(self) -> ComposeResult:
        """Lay out the code."""
        yield self._code

    def on_resize(self, event: events.Resize) -> None:
        """Draw the code if the window has room for it, else show how large a window it needs."""
        try:
            lines = qr_lines(self._content)
        except ValueError:  # segno's DataOverflowError: the service chose the text
            self._explain("This text is too long for a QR code.")
            return
        width, height = len(lines[0]), len(lines)
        if not capabilities.is_utf8():
            self._explain("This terminal shows no QR code: its locale is not UTF-8.")
        elif width > event.size.width or height > event.size.height:
            self._explain(f"Make the window larger: the QR code needs {width} by {height}.")
        else:
            self._code.update(Text("\n".join(lines), style=_INK, no_wrap=True))

    def _explain(self, reason: str) -> None:
        self._code.update(f"{reason}\n{self._alternative} esc goes back.")

    def _close(self, _covered: bool) -> None:
        self.dismiss()


def qr_lines(content: Secret) -> list[str]:
    """Return a QR code as lines of half blocks, dark on light, with its quiet zone.

    Raises:
        ValueError: The text is too long.
    """
    import segno  # noqa: PLC0415 - 8 ms, needed only if a code is shown

    code = segno.make_qr(content.reveal(), error="l", boost_error=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=_QUIET_ZONE)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
