"""The grid of recovery codes."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from mfa_tui import sanitize
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes

COLUMNS = 2
HIDDEN = Secret("••••••••••")
"""The text in place of a hidden code; every code is as wide."""

LONGEST_CODE = 64
"""At most this number of characters of a code is shown; no real code is longer."""

_ROOMY = 60


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
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        *(Binding(str(number % 10), f"go_to({number})", show=False) for number in range(1, 11)),
    ]
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(show_header=False, cursor_type="cell")
        for _ in range(COLUMNS):
            self.add_column("")

    @property
    def place(self) -> int:
        """The index of the code under the cursor."""
        return self.cursor_coordinate.column * self.row_count + self.cursor_coordinate.row

    def action_go_to(self, number: int) -> None:
        """Move the cursor to the code with this number, if there is one."""
        column, row = divmod(number - 1, max(self.row_count, 1))
        if column < COLUMNS:
            self.move_cursor(row=row, column=column)

    def show(self, codes: Sequence[Secret], *, hidden: bool, in_doubt: bool) -> None:
        """Show the codes, or a mask for each if they are hidden; mark codes in doubt with a question mark.

        Only cells that changed are drawn again.
        """
        cells = [
            _cell(number, HIDDEN if hidden else code, "?" if in_doubt else " ")
            for number, code in enumerate(codes, start=1)
        ]
        rows = -(-len(cells) // COLUMNS)
        while self.row_count < rows:
            self.add_row(Text(), Text())
        while self.row_count > rows:
            self.remove_row(self.coordinate_to_cell_key(Coordinate(self.row_count - 1, 0)).row_key)
        cells += [Text()] * (rows * COLUMNS - len(cells))
        for place, cell in enumerate(cells):
            self.update_cell_at(Coordinate(place % rows, place // rows), cell, update_width=True)

    def on_resize(self, event: events.Resize) -> None:
        """Increase the space between the columns if the grid is wide."""
        self.cell_padding = 4 if event.size.width >= _ROOMY else 1


def _cell(number: int, code: Secret, mark: str) -> Text:
    symbols = sanitize.one_line(code.reveal(), LONGEST_CODE)
    return Text.assemble((f"{number:>2}", "dim"), f"{mark} ", (saved_codes.grouped(symbols), "bold"))
