"""From a profile to an account: the one place that knows that the embedded service exists."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path

from mfa_tui.account.account import Account
from mfa_tui.dynamic import transport
from mfa_tui.dynamic.client import DynamicClient
from mfa_tui.dynamic.errors import EmailCodeBurnt
from mfa_tui.secrecy import Secret
from mfa_tui.service.service import Service
from mfa_tui.storage.journal import Journal
from mfa_tui.storage.places import Places
from mfa_tui.storage.sessions import SessionFile

EMBEDDED_URL = "http://embedded.localhost/api/v0"
"""Where the embedded service would be: no request for it leaves this process."""

EMBEDDED_ADDRESS = "you@embedded.localhost"
"""The embedded service's own user; `.localhost` never leads off this machine (RFC 6761)."""

_LARGEST_MAIL = 64 * 1024


class Outbox:
    """The embedded service's outbox, read as the user's mailbox."""

    address = EMBEDDED_ADDRESS

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def code_from(self, verification_uuid: str) -> Secret:
        """Return the six digits of the mail about this verification, and remove the mail.

        Raises:
            EmailCodeBurnt: There is no such mail any more.
        """
        return await asyncio.to_thread(self._take, verification_uuid)

    def _take(self, verification_uuid: str) -> Secret:
        for path in self._folder.glob("*.eml"):
            mail = message_from_bytes(path.read_bytes()[:_LARGEST_MAIL])
            digits = re.search(r"^(\d{6})\s*$", str(mail.get_payload()), re.MULTILINE)
            if mail["X-Verification-UUID"] == verification_uuid and digits:
                path.unlink(missing_ok=True)
                return Secret(digits[1])
        raise EmailCodeBurnt


@asynccontextmanager
async def open_account(places: Places) -> AsyncIterator[Account]:
    """Open the account of the embedded service, for as long as the context lasts.

    Raises:
        ServiceError: The service cannot run on its data folder.
    """
    service = await asyncio.to_thread(Service.open, places.data)
    try:
        async with DynamicClient(transport.in_process(service.app), EMBEDDED_URL, service.environment_id) as client:
            yield Account(
                client,
                SessionFile(places.state / "embedded" / "session.json"),
                Journal(places.state / "embedded"),
                "embedded service",
                Outbox(service.outbox),
            )
    finally:
        service.close()
