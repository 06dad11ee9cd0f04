"""Files in the JSON format from which 1Password's `op item create --template FILE` makes an item.

Source: https://developer.1password.com/docs/cli/item-template-json.
"""

import msgspec

from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores.file import FileStore
from mfa_tui.terminal.stores.store import StoreError


class _Field(msgspec.Struct):
    value: str = ""
    id: str = "notesPlain"
    type: str = "STRING"
    purpose: str = "NOTES"
    label: str = "notesPlain"


class _Item(msgspec.Struct):
    fields: list[_Field]
    title: str = ""
    category: str = "SECURE_NOTE"


class OnePasswordStore(FileStore):
    """A file to import into 1Password as a secure note; a `CodeStore`. The output of `op item get` can be checked."""

    advice = "Create the item with op item create --template, and delete this file: it is not encrypted."

    async def encode(self, sheet: Sheet) -> bytes:
        """Return the template of a note."""
        return msgspec.json.format(msgspec.json.encode(_Item([_Field(sheet.as_text())], sheet.title)))

    async def decode(self, content: bytes) -> str:
        """Return the values of the item's fields."""
        try:
            item = msgspec.json.decode(content, type=_Item)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StoreError(self.name, "it is not a JSON file of 1Password") from None
        return "\n".join(field.value for field in item.fields)
