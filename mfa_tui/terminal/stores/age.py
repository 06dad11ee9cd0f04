"""Files that `age` encrypts with a passphrase, which it asks for on the terminal."""

from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores import store
from mfa_tui.terminal.stores.file import FileStore


class AgeStore(FileStore):
    """A file that a passphrase opens on any machine; a `CodeStore`."""

    uses_terminal = True
    advice = store.ENCRYPTED_FILE_ADVICE

    async def encode(self, sheet: Sheet) -> bytes:
        """Encrypt the sheet."""
        command = ["age", "--encrypt", "--passphrase", "--armor"]
        return await store.run(self.name, command, sheet.as_text().encode(), on_terminal=True)

    async def decode(self, content: bytes) -> str:
        """Decrypt the file."""
        output = await store.run(self.name, ["age", "--decrypt"], content, on_terminal=True)
        return output.decode(errors="replace")
