"""From a profile to an account: the one place that knows that the embedded service exists."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes
from importlib.util import find_spec
from pathlib import Path

from mfa_tui.account.account import Account
from mfa_tui.account.base import Mailbox
from mfa_tui.client import transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import EmailCodeExhaustedError
from mfa_tui.redaction import Secret
from mfa_tui.storage.config import Config, Profile, ProfileOverrides
from mfa_tui.storage.journal import Journal
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.sessions import SessionFile, SessionStore
from mfa_tui.timing import DEFAULT_TIMING, Timing

BUILT_IN_URL = "http://embedded.localhost/api/v0"
"""Where the embedded service would be: no request for it leaves this process."""

BUILT_IN_EMAIL = "you@embedded.localhost"
"""The embedded service's own user; `.localhost` never leads off this machine (RFC 6761)."""

_EMBEDDED = Profile()
_MAX_MAIL_BYTES = 64 * 1024


class OutboxMailbox:
    """The embedded service's outbox, read as the user's mailbox."""

    address = BUILT_IN_EMAIL

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def code_from(self, verification_uuid: str) -> Secret:
        """Return the six digits of the mail about this verification, and remove the mail.

        Raises:
            EmailCodeExhaustedError: There is no such mail any more, or it cannot be read.
        """
        return await asyncio.to_thread(self._take, verification_uuid)

    def _take(self, verification_uuid: str) -> Secret:
        from mfa_tui.server import mail  # noqa: PLC0415 - whose service it is has imported it

        path = self._folder / mail.sign_in_code_name(verification_uuid)
        try:
            parsed = message_from_bytes(path.read_bytes()[:_MAX_MAIL_BYTES])
        except OSError:
            raise EmailCodeExhaustedError from None
        digits = re.search(r"^(\d{6})\s*$", str(parsed.get_payload()), re.MULTILINE)
        if digits is None:
            raise EmailCodeExhaustedError
        path.unlink(missing_ok=True)
        return Secret(digits[1])


def load_profile(places: AppPaths, overrides: ProfileOverrides, *, may_be_new: bool = True) -> Profile:
    """Return the profile to use: the configuration's, with the overrides applied.

    Raises:
        UnknownProfileError: No profile has this name, and it must not be new.
        ConfigError: The configuration or an override is wrong.
        StorageError: The configuration could not be read.
    """
    config = _config(places)
    return config.profile(overrides) if may_be_new else config.known_profile(overrides)


@asynccontextmanager
async def open_account(
    places: AppPaths, profile: Profile = _EMBEDDED, timing: Timing = DEFAULT_TIMING
) -> AsyncIterator[Account]:
    """Open the account of a profile, for as long as the context lasts.

    Raises:
        ServiceError: The embedded service cannot run on its data folder.
        UsageError: The system's proxy is not one that can be used.
    """
    if profile.is_built_in:
        from mfa_tui.server.service import Service  # noqa: PLC0415 - 50 ms, for those who use it

        service = await asyncio.to_thread(Service.open, places.data)
        try:
            profile = replace(profile, api_url=BUILT_IN_URL, environment_id=service.environment_id)
            async with _client(transport.in_process(service.app), profile) as client:
                yield _account(places, profile, client, OutboxMailbox(service.outbox), timing)
        finally:
            service.close()
    else:
        network = await asyncio.to_thread(transport.network, profile.api_url)
        async with _client(network, profile) as client:
            yield _account(places, profile, client, None, timing)


def _client(travel: transport.Transport, profile: Profile) -> DynamicClient:
    return DynamicClient(travel, profile.api_url, profile.environment_id)


def _account(
    places: AppPaths, profile: Profile, client: DynamicClient, mailbox: Mailbox | None, timing: Timing
) -> Account:
    folder = places.state / profile.name
    sessions: SessionStore = SessionFile(folder / "session.json")
    if not profile.is_built_in and find_spec("keyring") is not None:
        from mfa_tui.storage import keyring_sessions  # noqa: PLC0415 - 60 ms, for those who installed the extra

        sessions = keyring_sessions.open_store(sessions, profile.name)
    return Account(
        client, profile, sessions, Journal(folder), mailbox=mailbox, write_profile=_config(places).save, timing=timing
    )


def _config(places: AppPaths) -> Config:
    return Config(places.config_file)
