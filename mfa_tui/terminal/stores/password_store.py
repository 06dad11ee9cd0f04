"""Entries of `pass`, the standard Unix password manager."""

import asyncio
import os
from pathlib import Path

from mfa_tui.redaction import Secret
from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores import store
from mfa_tui.terminal.stores.store import StoreError


class PasswordStore:
    """An entry of `pass`; a `CodeStore`. GnuPG's agent asks for the passphrase of the user's key.

    Args:
        entry: The name of the entry, such as `mfa/work`.
    """

    password_label = ""
    uses_terminal = True
    advice = "Keep a copy of the password store where you can reach it without this machine."

    def __init__(self, entry: str) -> None:
        self._entry = _as_pass_reads(entry)
        self.name = f"pass:{self._entry}"

    async def prepare(self, _password: Secret) -> None:
        """Check that the entry does not exist: `pass` replaces it without asking if its input is not a terminal.

        Two programs that save to the same new entry at once are not held apart: `pass` has no way to.
        """
        if not self._entry:
            raise StoreError(self.name, "the entry has no name")
        await store.run(self.name, ["pass", "ls"])
        await self._require_new()

    async def save(self, sheet: Sheet, _password: Secret) -> None:
        """Insert the entry."""
        await self._require_new()
        command = ["pass", "insert", "--multiline", "--", self._entry]
        await store.run(self.name, command, sheet.as_text().encode(), on_terminal=True)

    async def load(self, _password: Secret) -> str:
        """Return the entry."""
        output = await store.run(self.name, ["pass", "show", "--", self._entry], on_terminal=True)
        return output.decode(errors="replace")

    async def _require_new(self) -> None:
        if await asyncio.to_thread(self._exists):
            raise StoreError(self.name, "this entry exists already")

    def _exists(self) -> bool:
        # Source: pass(1), which documents the folder and its files.
        folder = Path(os.environ.get("PASSWORD_STORE_DIR") or Path.home() / ".password-store")
        return (folder / f"{self._entry}.gpg").exists()


def _as_pass_reads(entry: str) -> str:
    """Return the name of the entry as `pass` reads it: an entry has one name only, so that its file is found."""
    return "/".join(part for part in entry.split("/") if part not in {"", "."})
