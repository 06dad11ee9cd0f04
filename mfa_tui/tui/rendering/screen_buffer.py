"""The last known content of the terminal's screen. Everything that is shown goes through it.

Textual sends whole widgets, and whole screens if a dialog opens or closes, which is slow on a slow link. Here a frame
is compared with the screen, and only the cells that differ are sent. No cell contains a control character or an
invisible one, whatever text a widget shows.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

_MAX_SKIPPED = 5
"""Up to this number, unchanged cells are sent again: a cursor movement takes about as many bytes."""

_GIVEN_BY_RESET = frozenset({"", "39", "49"})
"""Parameters that have no effect after a reset."""

_UNSEEN_ON_BLANK = frozenset({"1", "2", "3"}) | {str(color) for color in (*range(30, 38), *range(90, 98))}
"""Parameters with no effect on a space: weight, slant and the colour of the text."""

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("╭╮╰╯┌┐└┘", "+"),
        **dict.fromkeys("│┃▌▐▎▊█", "|"),
        **dict.fromkeys("─━▁▔▂", "-"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        "•": "*",
        "\N{MULTIPLICATION SIGN}": "x",
        "·": "-",
        "…": "~",
    }
)
"""The ASCII characters that look like the ones that the screens use."""

RESET = "\x1b[0m"


def erase_sequence(lines: int) -> str:
    """Return the sequence that erases a screen line by line: some terminals move a whole screen to the scrollback."""
    return RESET + "".join(f"\x1b[{line};1H\x1b[K" for line in range(lines, 0, -1))


class Cell(NamedTuple):
    """One cell of the screen: a character, or no text to the right of a wide one, and its SGR parameters."""

    text: str = " "
    sgr: str = ""


BLANK = Cell()


class ScreenBuffer:
    """The content of the terminal's screen.

    Args:
        translate: Translates each text to one of the same width.
    """

    def __init__(self, translate: Callable[[str], str] = str) -> None:
        self._translate = translate
        self._size: Size | None = None
        self._rows: list[list[Cell]] = []

    def invalidate(self) -> None:
        """Treat the content as unknown: the next frame starts with an empty screen."""
        self._size = None

    def start_frame(self, size: Size) -> str:
        """Start a frame. Returns the sequence that erases the screen if its content is unknown or its size is new."""
        if size == self._size:
            return ""
        self._size = size
        self._rows = [[BLANK] * size.width for _ in range(size.height)]
        return erase_sequence(size.height)

    def cells(self, segments: Iterable[Segment], colors: ColorSystem) -> Iterator[Cell]:
        """Return segments as cells."""
        for text, style, control in segments:
            if not control:
                sgr = _sgr(style, colors)
                shown = text if text.isascii() else unicodedata.normalize("NFC", text)
                for character in self._translate(shown):
                    yield from _cells_of(character, sgr)

    def draw(self, y: int, x: int, cells: Iterable[Cell]) -> str:
        """Put cells on a row, and return the text to send for it, which ends with a reset."""
        if not 0 <= y < len(self._rows):
            return ""
        row = self._rows[y]
        sent: list[str] = []
        pen = ""
        at = -1
        for column, cell in zip(range(x, len(row)), cells, strict=False):
            known, row[column] = row[column], cell
            if known == cell or not cell.text:
                continue
            skipped = row[at:column] if at >= 0 else []
            if at >= 0 and len(skipped) <= _MAX_SKIPPED and all(_draws(pen, unchanged) for unchanged in skipped):
                sent.extend(unchanged.text for unchanged in skipped)
            else:
                sent.append(f"\x1b[{y + 1};{column + 1}H")
            if not _draws(pen, cell):
                sent.append(f"\x1b[0;{cell.sgr}m" if pen and cell.sgr else f"\x1b[{cell.sgr}m")
                pen = cell.sgr
            sent.append(cell.text)
            # Terminals do not agree how wide a wide character is: after one, the cursor is moved to the next cell.
            at = column + 1 if cell_len(cell.text) == 1 else -1
        return "".join(sent) + (RESET if pen else "")


class DiffUpdate(CompositorUpdate):
    """The part of one of textual's frames that changes the screen."""

    def __init__(self, frame: LayoutUpdate | ChopsUpdate, buffer: ScreenBuffer, size: Size) -> None:
        self._frame = frame
        self._buffer = buffer
        self._size = size

    def render_segments(self, console: Console) -> str:
        """Draw the frame into the buffer, and return the text to send for it."""
        colors = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - textual reads it in the same way
        draw, cells = self._buffer.draw, self._buffer.cells
        erasure = self._buffer.start_frame(self._size)
        return erasure + "".join(draw(y, x, cells(segments, colors)) for y, x, segments in self._pieces())

    def _pieces(self) -> Iterator[tuple[int, int, Iterable[Segment]]]:
        """Return the frame's rows and parts of rows, each with its position and content."""
        frame = self._frame
        if isinstance(frame, LayoutUpdate):
            for y, strips in enumerate(frame.strips, frame.region.y):
                yield y, frame.region.x, [segment for strip in strips for segment in strip]
            return
        for y, x1, x2 in frame.spans:
            for end, (x, strip) in zip(frame.chop_ends[y], frame.chops[y].items(), strict=False):
                if strip is not None and x <= x2 and end > x1:
                    yield y, x, strip.crop(0, min(end, x2) - x)


def _draws(pen: str, cell: Cell) -> bool:
    """Return whether a cell looks right if it is drawn with these SGR parameters."""
    return cell.sgr == pen or (cell == BLANK and _UNSEEN_ON_BLANK.issuperset(pen.split(";")))


@lru_cache(maxsize=4096)
def _cells_of(character: str, sgr: str) -> tuple[Cell, ...]:
    width = cell_len(character)
    if character == " " or (width and not character.isprintable()):
        seen = set(sgr.split(";")) - _UNSEEN_ON_BLANK
        return (Cell(" ", sgr if seen else ""),) * max(width, 1)
    return (Cell(character, sgr), *[Cell("", sgr)] * (width - 1)) if width else ()


def _sgr(style: Style | None, colors: ColorSystem) -> str:
    """Return a style's SGR parameters, without those that have no effect after a reset."""
    if style is None:
        return ""
    parameters = Strip.render_ansi(style, colors).split(";")
    if not {"38", "48"}.isdisjoint(parameters):
        return ";".join(parameters)
    return ";".join(parameter for parameter in parameters if parameter not in _GIVEN_BY_RESET)


def in_ascii(text: str) -> str:
    """Return text of the same width with ASCII lookalikes, and question marks for characters without one."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text.translate(_LOOKALIKES))
