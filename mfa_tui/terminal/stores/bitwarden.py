"""Files in the JSON format that Bitwarden imports and exports.

Source: https://bitwarden.com/help/condition-bitwarden-import/.
"""

import msgspec

from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores.file import FileStore
from mfa_tui.terminal.stores.store import StoreError

_SECURE_NOTE = 2
_ASK_FOR_MASTER_PASSWORD = 1


class _Item(msgspec.Struct):
    name: str
    notes: str | None = None
    type: int = _SECURE_NOTE
    reprompt: int = _ASK_FOR_MASTER_PASSWORD
    secure_note: dict[str, int] = msgspec.field(default_factory=lambda: {"type": 0}, name="secureNote")


class _Vault(msgspec.Struct):
    items: list[_Item]
    encrypted: bool = False
    folders: list[object] = []


class BitwardenStore(FileStore):
    """A file to import into Bitwarden, with a secure note; a `CodeStore`. An export can be checked too."""

    advice = "Import it into Bitwarden, and delete this file: it is not encrypted."

    async def encode(self, sheet: Sheet) -> bytes:
        """Return a vault with one note."""
        return msgspec.json.format(msgspec.json.encode(_Vault([_Item(sheet.title, sheet.as_text())])))

    async def decode(self, content: bytes) -> str:
        """Return the notes of the vault."""
        try:
            vault = msgspec.json.decode(content, type=_Vault)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StoreError(self.name, "it is not a JSON file of Bitwarden") from None
        return "\n".join(item.notes or "" for item in vault.items)
