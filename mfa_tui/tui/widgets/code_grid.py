"""The grid of recovery codes."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from mfa_tui import sanitize
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes

COLUMNS = 2
HIDDEN = Secret("••••••••••")
"""What stands for a code that is covered: as wide as one, whichever it is."""

LONGEST_CODE = 64
"""Characters of a code that are shown: more than any code has."""

_ROOMY = 60


class CodeGrid(DataTable[Text]):
    """Numbered codes in two columns, read downwards, that the arrow keys move over.

    A DataTable with a cell cursor, since that sends the fewest bytes for an arrow key of all that textual has.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(show_header=False, cursor_type="cell")
        for _ in range(COLUMNS):
            self.add_column("")

    @property
    def place(self) -> int:
        """Which code the cursor is on, counted from 0."""
        return self.cursor_coordinate.column * self.row_count + self.cursor_coordinate.row

    def show(self, codes: Sequence[Secret], *, hidden: bool, in_doubt: bool) -> None:
        """Show the codes, or as many covered places; a question mark stands at codes in doubt.

        Only what changed is drawn again.
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
        """Set the columns apart where there is room."""
        self.cell_padding = 4 if event.size.width >= _ROOMY else 1


def _cell(number: int, code: Secret, mark: str) -> Text:
    symbols = sanitize.one_line(code.reveal(), LONGEST_CODE)
    return Text.assemble((f"{number:>2}", "dim"), f"{mark} ", (saved_codes.grouped(symbols), "bold"))
