"""Draws the screens as SVG pictures, in the colours of a light or a dark terminal."""

import io
import re

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from mfa_tui.tui.app import MfaTui

_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "ui-monospace, SFMono-Regular, Menlo, Consolas"
)
"""Rich's own, without the fonts that it loads from a third party."""

_DARK = (
    (0x1A1B26, 0xD5D9E5),
    (
        *(0x32344A, 0xF7768E, 0x9ECE6A, 0xE0AF68, 0x7AA2F7, 0xBB9AF7, 0x7DCFFF, 0xC8CEDF),
        *(0x6B7394, 0xFF7A93, 0xB9F27C, 0xFF9E64, 0x7DA6FF, 0xBB9AF7, 0x0DB9D7, 0xE5E9F5),
    ),
)
_LIGHT = (
    (0xFFFFFF, 0x24292F),
    (
        *(0x24292F, 0xCF222E, 0x116329, 0x4D2D00, 0x0969DA, 0x8250DF, 0x1B7C83, 0x6E7781),
        *(0x8C959F, 0xA40E26, 0x1A7F37, 0x633C01, 0x218BFF, 0x8250DF, 0x3192AA, 0x57606A),
    ),
)
PALETTES = {"dark": _DARK, "light": _LIGHT}
"""Background and foreground, and the sixteen colours of a terminal, each as 0xRRGGBB."""


def picture(app: MfaTui, palette: str) -> str:
    """Return the screen as an SVG picture in the colours of the palette."""
    width, height = app.size
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True, record=True)
    console.print(app.screen._compositor.render_update(full=True, simplify=True))
    (background, foreground), colors = PALETTES[palette]
    ansi = list(map(_rgb, colors))
    theme = TerminalTheme(_rgb(background), _rgb(foreground), ansi[:8], ansi[8:])
    return console.export_svg(title="mfa-tui", theme=theme, code_format=_FORMAT, unique_id=f"mfa-tui-{palette}")


def _rgb(color: int) -> tuple[int, int, int]:
    return color >> 16, color >> 8 & 0xFF, color & 0xFF
