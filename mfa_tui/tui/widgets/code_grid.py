"""The grid of recovery codes."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from mfa_tui.account.state import CodeSlot
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.workflows import messages

COLUMNS = 2
HIDDEN = Secret("••••••••••")
"""The text in place of a hidden code; every code is as wide."""

_NARROW = len("10  ABCDE FGHIJ")
"""The width of a cell in a narrow grid, which cuts off when and where a code was used."""

_MOVE = "Move down or up, as the arrow keys do"
_GO_TO = "Move to the code with this number"


class CodeGrid(DataTable[Text]):
    """Shows numbered codes in two columns, ordered from top to bottom, with a cursor that the arrow keys move.

    It is a DataTable with a cell cursor because, of textual's widgets, that sends the fewest bytes for an arrow key.
    """

    DEFAULT_CSS = """
    CodeGrid {
        height: auto;
        background: $background;

        &:focus { background-tint: transparent; }
        & > .datatable--even-row { background: $background; }
        & > .datatable--odd-row { background: $background; }
        & > .datatable--hover { background: $background; }
        & > .datatable--cursor { background: $background; color: $text-accent; text-style: bold reverse; }
        &:focus > .datatable--cursor { background: $background; color: $text-accent; text-style: bold reverse; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", tooltip=_MOVE, show=False),
        Binding("k", "cursor_up", tooltip=_MOVE, show=False),
        *(Binding(str(number % 10), f"go_to({number})", tooltip=_GO_TO, show=False) for number in range(1, 11)),
    ]
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(show_header=False, cursor_type="cell")
        for _ in range(COLUMNS):
            self.add_column(Text())
        self._shown: tuple[Sequence[CodeSlot], bool, bool] = ((), False, False)

    @property
    def place(self) -> int:
        """The index of the code under the cursor."""
        return self.cursor_coordinate.column * self.row_count + self.cursor_coordinate.row

    def action_go_to(self, number: int) -> None:
        """Move the cursor to the code with this number, if there is one."""
        numbers = [slot.number for slot in self._shown[0]]
        if number in numbers:
            column, row = divmod(numbers.index(number), self.row_count)
            self.move_cursor(row=row, column=column)

    def show(self, slots: Sequence[CodeSlot], *, hidden: bool, in_doubt: bool) -> None:
        """Show the codes at their places, or a mask for each if they are hidden, and strike out the used ones.

        Codes in doubt get a question mark. Only cells that changed are drawn again.
        """
        self._shown = (slots, hidden, in_doubt)
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        slots, hidden, in_doubt = self._shown
        cells = [_cell(slot, hidden=hidden, mark="?" if in_doubt else " ") for slot in slots]
        longest = max((cell.cell_len for cell in cells), default=0)
        width = self.size.width
        if not width and self.is_attached:  # it is not laid out yet
            width = self.app.size.width - self.screen.gutter.width
        if COLUMNS * (longest + 2) > width:
            cells = [cell[:_NARROW] for cell in cells]
        self.cell_padding = 4 if COLUMNS * (longest + 8) <= width else 1
        rows = -(-len(cells) // COLUMNS)
        while self.row_count < rows:
            self.add_row(Text(), Text())
        while self.row_count > rows:
            self.remove_row(self.coordinate_to_cell_key(Coordinate(self.row_count - 1, 0)).row_key)
        cells += [Text()] * (rows * COLUMNS - len(cells))
        for place, cell in enumerate(cells):
            self.update_cell_at(Coordinate(place % rows, place // rows), cell, update_width=True)
        if hidden:
            self._clear_caches()  # they hold the cells and lines as they were drawn, with the codes


def _cell(slot: CodeSlot, *, hidden: bool, mark: str) -> Text:
    if slot.code is None:
        return Text.assemble((f"{slot.number:>2}", "dim strike"), "  ", (messages.code_use(slot), "dim"))
    symbols = saved_codes.shown_symbols(HIDDEN if hidden else slot.code)
    return Text.assemble((f"{slot.number:>2}", "dim"), f"{mark} ", (saved_codes.grouped(symbols), "bold"))
