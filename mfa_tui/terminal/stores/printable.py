"""Files to print, with a box to tick for each code that is used."""

from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores.file import FileStore


class PrintableStore(FileStore):
    """A text file to print; a `CodeStore`."""

    advice = "Print it, delete the file, and keep the paper where you will find it."

    async def encode(self, sheet: Sheet) -> bytes:
        """Return the form."""
        return sheet.as_form().encode()
