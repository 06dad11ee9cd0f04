"""Entries of a KeePassXC database, through `keepassxc-cli`."""

import os

from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal.stores import store

_ATTACHMENT = "recovery-codes.txt"


class KeePassXCStore:
    """An entry of a database, with the codes as its attachment; a `CodeStore`.

    The command reads the database's password from standard input, and the codes from another pipe.

    Args:
        typed: The database and the entry, as in `passwords.kdbx:mfa`.
    """

    uses_terminal = False
    advice = "Keep a copy of the database where you can reach it without this machine."

    def __init__(self, typed: str) -> None:
        database, _, self._entry = typed.rpartition(":")
        if not database or not self._entry:
            raise UsageError(
                "KeePassXC needs a database and the name of an entry.",
                hint="Write keepassxc:DATABASE:ENTRY, such as keepassxc:passwords.kdbx:mfa.",
            )
        self._database = str(saved_codes.parse_path(database).absolute())
        self.name = f"keepassxc:{self._database}:{self._entry}"
        self.password_label = f"password of {self._database}"

    async def prepare(self, password: Secret) -> None:
        """Check that the password opens the database."""
        await self._run(password, "ls", self._database)

    async def save(self, sheet: Sheet, password: Secret) -> None:
        """Add the entry, and attach the sheet; without it, the entry is removed again."""
        await self._run(password, "add", self._database, self._entry)
        try:
            await self._attach(sheet, password)
        except BaseException:
            await self._run(password, "rm", self._database, self._entry)
            raise

    async def load(self, password: Secret) -> str:
        """Return the attachment of the entry."""
        output = await self._run(password, "attachment-export", "--stdout", self._database, self._entry, _ATTACHMENT)
        return output.decode(errors="replace")

    async def _attach(self, sheet: Sheet, password: Secret) -> None:
        reading, writing = os.pipe()
        try:
            with os.fdopen(writing, "w") as pipe:
                pipe.write(sheet.as_text())  # less than a pipe holds
            path = f"/dev/fd/{reading}"
            await self._run(
                password, "attachment-import", self._database, self._entry, _ATTACHMENT, path, descriptors=(reading,)
            )
        finally:
            os.close(reading)

    async def _run(self, password: Secret, action: str, *arguments: str, descriptors: tuple[int, ...] = ()) -> bytes:
        command = ["keepassxc-cli", action, *arguments]
        return await store.run(self.name, command, f"{password.reveal()}\n".encode(), descriptors=descriptors)
