"""Files that GnuPG encrypts with a passphrase, which its agent asks for."""

from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores import store
from mfa_tui.terminal.stores.file import FileStore


class GpgStore(FileStore):
    """A file that a passphrase opens on any machine; a `CodeStore`. One that is encrypted to a key can be checked."""

    uses_terminal = True
    advice = store.ENCRYPTED_FILE_ADVICE

    async def encode(self, sheet: Sheet) -> bytes:
        """Encrypt the sheet. A passphrase is not lost with this machine, as a key is."""
        command = ["gpg", "--quiet", "--armor", "--symmetric"]
        return await store.run(self.name, command, sheet.as_text().encode(), on_terminal=True)

    async def decode(self, content: bytes) -> str:
        """Decrypt the file."""
        output = await store.run(self.name, ["gpg", "--quiet", "--decrypt"], content, on_terminal=True)
        return output.decode(errors="replace")
