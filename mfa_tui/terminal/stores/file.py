"""Text files, and the base of the places that are files of another format."""

import asyncio

from mfa_tui import formatting
from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.storage import private_file, saved_codes
from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores.store import FILE_ADVICE


class FileStore:
    """A new file that only the user can read; a `CodeStore`. A subclass has another format.

    Args:
        typed: The name of the file, as the user typed it.
        prefix: What comes before it in the name of the place.
    """

    password_label = ""
    uses_terminal = False
    advice = FILE_ADVICE

    def __init__(self, typed: str, prefix: str = "") -> None:
        self.path = saved_codes.parse_path(typed)
        self.name = f"{prefix}{self.path.absolute()}"

    async def prepare(self, _password: Secret) -> None:
        """Check that the file can be created."""
        await asyncio.to_thread(saved_codes.require_writable, self.path)

    async def save(self, sheet: Sheet, _password: Secret) -> None:
        """Create the file."""
        await asyncio.to_thread(saved_codes.write, self.path, await self.encode(sheet))

    async def load(self, _password: Secret) -> str:
        """Return the text of the file, which may be any file that holds codes."""
        return await self.decode(await asyncio.to_thread(self._read))

    async def encode(self, sheet: Sheet) -> bytes:
        """Return the content of the file."""
        return sheet.as_text().encode()

    async def decode(self, content: bytes) -> str:
        """Return the text in the content of the file."""
        return content.decode(errors="replace")

    def _read(self) -> bytes:
        saved_codes.require_file(self.path)
        content = private_file.read_named(self.path, saved_codes.MAX_BYTES)
        if content is None:
            raise UsageError(
                f"There is no file {formatting.path_name(self.path)}.", hint="Name the file with the codes."
            )
        return content
