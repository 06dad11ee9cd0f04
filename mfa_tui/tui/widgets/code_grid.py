"""The grid of recovery codes."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.widgets import DataTable

from mfa_tui import text
from mfa_tui.secrecy import Secret

COLUMNS = 2
_GROUP = 5
_LONGEST_CODE = 14
_HIDDEN = Secret("•" * 2 * _GROUP)


class CodeGrid(DataTable[Text]):
    """Numbered codes in two columns, read downwards, that the arrow keys move over.

    A DataTable with a cell cursor, since it sends the fewest bytes for an arrow key of all that textual has.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(show_header=False, cursor_type="cell", cell_padding=1)

    def show(self, codes: Sequence[Secret], *, hidden: bool) -> None:
        """Show the codes, or as many covered places."""
        at = self.cursor_coordinate
        self.clear(columns=True)
        self.add_columns(*("" for _ in range(COLUMNS)))
        cells = [_cell(number, _HIDDEN if hidden else code) for number, code in enumerate(codes, start=1)]
        rows = -(-len(cells) // COLUMNS)
        for row in range(rows):
            self.add_row(*(cells[i] if i < len(cells) else Text() for i in (row, row + rows)))
        self.move_cursor(row=at.row, column=at.column)


def group(code: Secret) -> str:
    """Return a code in groups of five, as it is easiest to read and to copy by hand."""
    symbols = text.one_line(code.reveal(), _LONGEST_CODE)
    return " ".join(symbols[i : i + _GROUP] for i in range(0, len(symbols), _GROUP))


def _cell(number: int, code: Secret) -> Text:
    return Text.assemble((f"{number:>2}", "dim"), "  ", (group(code), "bold"))
