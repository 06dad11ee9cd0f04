"""Opens the account of a profile. Only this module knows that the built-in service exists."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from email import message_from_bytes
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from mfa_tui.account.account import Account
from mfa_tui.account.base import Mailbox
from mfa_tui.account.state import Stage
from mfa_tui.client import transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import EmailCodeExhaustedError
from mfa_tui.garbage import collection_paused
from mfa_tui.redaction import Secret
from mfa_tui.storage import private_file
from mfa_tui.storage.config import Config
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile, ProfileOverrides
from mfa_tui.storage.record_file import RecordFile
from mfa_tui.storage.sessions import open_session_store
from mfa_tui.timing import DEFAULT_TIMING, Timing

BUILT_IN_URL = "http://embedded.localhost/api/v0"
"""The URL of the built-in service; no request for it leaves this process."""

BUILT_IN_EMAIL = "you@embedded.localhost"
"""The user of the built-in service; `.localhost` never leads off this machine (RFC 6761)."""

_BUILT_IN = Profile()
_MAX_MAIL_BYTES = 64 * 1024


class OutboxMailbox:
    """The outbox of the built-in service, read as the mailbox of its user."""

    address = BUILT_IN_EMAIL

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def code_from(self, verification_uuid: str) -> Secret:
        """Return the six-digit code of the e-mail for this verification, and remove the e-mail.

        Raises:
            EmailCodeExhaustedError: The e-mail does not exist any more, or cannot be read.
        """
        return await asyncio.to_thread(self._take, verification_uuid)

    def _take(self, verification_uuid: str) -> Secret:
        from mfa_tui.server import mail  # noqa: PLC0415 - the service has imported it already

        path = self._folder / mail.sign_in_code_name(verification_uuid)
        try:
            content = private_file.read(path, _MAX_MAIL_BYTES)
        except StorageError:
            raise EmailCodeExhaustedError from None
        parsed = message_from_bytes(content or b"")
        digits = re.search(r"^(\d{6})\s*$", str(parsed.get_payload()), re.MULTILINE)
        if digits is None:
            raise EmailCodeExhaustedError
        path.unlink(missing_ok=True)
        return Secret(digits[1])


def load_profile(paths: AppPaths, overrides: ProfileOverrides, *, may_be_new: bool = True) -> Profile:
    """Return the profile to use: the one in the configuration, with the overrides applied.

    Args:
        paths: The user's folders.
        overrides: The profile's name, and the values that override its fields.
        may_be_new: Whether the configuration may lack the named profile.

    Raises:
        UnknownProfileError: The configuration has no such profile, and it may not be new or is probably mistyped.
        ConfigError: The configuration or an override is wrong.
        StorageError: The configuration could not be read.
    """
    config = _config(paths)
    return config.new_or_known_profile(overrides) if may_be_new else config.known_profile(overrides)


@asynccontextmanager
async def connect(
    profile: str | None = None,
    *,
    environment_id: str | None = None,
    email: str | None = None,
    api_url: str | None = None,
) -> AsyncIterator[Account]:
    """Open an account, and resume its session or sign in, if that needs no input from the user.

    `account.state.stage` says what the user has to do next. At the built-in service, the program reads the sign-in code
    from the service's outbox. At a hosted one, the stage is `NO_SESSION` until `request_email_code` and `sign_in` are
    called. A pending challenge stays pending until `authenticate_mfa_recovery_code` is called; if it is still pending
    when the context ends, its session is revoked.

    Args:
        profile: The name of a profile; by default the one that the configuration names, or else the built-in service.
        environment_id: The environment of a hosted service, a UUID, instead of the profile's; it also allows a name
            that the configuration does not have.
        email: The e-mail address of the user, instead of the profile's.
        api_url: The base URL of a hosted service, up to and with `/api/v0`, instead of the profile's.

    Raises:
        UsageError: The configuration or an argument is wrong, no such profile exists, or the system's proxy cannot be
            used.
        ServiceError: The built-in service cannot run on its data folder.
        StorageError: The configuration or the stored session could not be read.
        ApiError: The service did not respond, or refused.
    """
    paths = AppPaths.of_current_user()
    overrides = ProfileOverrides(profile=profile, environment_id=environment_id, email=email, api_url=api_url)
    chosen = load_profile(paths, overrides, may_be_new=environment_id is not None)
    async with open_account(paths, chosen) as account:
        await account.resume_session()
        if account.state.stage is Stage.NO_SESSION and account.signs_in_automatically:
            await account.sign_in_automatically()
        yield account


@asynccontextmanager
async def open_account(
    paths: AppPaths, profile: Profile = _BUILT_IN, timing: Timing = DEFAULT_TIMING
) -> AsyncIterator[Account]:
    """Open the account of a profile, without a session.

    A session whose challenge is pending when the context ends is revoked: it is not stored, so nothing could use it.

    Raises:
        ServiceError: The built-in service cannot run on its data folder.
        UsageError: The system's proxy cannot be used.
    """
    if profile.is_built_in:
        with collection_paused():
            from mfa_tui.server.service import Service  # noqa: PLC0415 - 30 ms, only if it is used

        service = await asyncio.to_thread(Service.open, paths.data)
        try:
            profile = replace(profile, api_url=BUILT_IN_URL, environment_id=service.environment_id)
            async with _client(transport.in_process(service.app), profile, timing) as client:
                mailbox = OutboxMailbox(service.outbox)
                serve_pages = partial(_serve_pages, service.page_app)
                async with _account(paths, profile, client, mailbox, timing, serve_pages=serve_pages) as account:
                    yield account
        finally:
            service.close()
    else:
        network = await asyncio.to_thread(transport.network, profile.api_url)
        async with (
            _client(network, profile, timing) as client,
            _account(paths, profile, client, None, timing) as account,
        ):
            yield account


def _client(travel: transport.Transport, profile: Profile, timing: Timing) -> DynamicClient:
    return DynamicClient(travel, profile.api_url, profile.environment_id, timing)


@asynccontextmanager
async def _account(  # noqa: PLR0913 - everything that an account needs
    paths: AppPaths,
    profile: Profile,
    client: DynamicClient,
    mailbox: Mailbox | None,
    timing: Timing,
    *,
    serve_pages: Callable[[], AbstractAsyncContextManager[str | None]] = nullcontext,
) -> AsyncIterator[Account]:
    account = Account(
        client,
        profile,
        open_session_store(paths, profile),
        partial(RecordFile, paths.records, old_journal_folder=paths.state / profile.name),
        mailbox=mailbox,
        serve_pages=serve_pages,
        write_profile=_config(paths).save,
        timing=timing,
    )
    try:
        yield account
    finally:
        if account.state.stage is Stage.CHALLENGE_PENDING:
            await account.abandon_session()


def _serve_pages(app: transport.AsgiApp) -> AbstractAsyncContextManager[str]:
    """Serve the page of a hand-off on this machine: the built-in service has no other address."""
    from mfa_tui.server.handoff import listener  # noqa: PLC0415 - uvicorn, only for a hand-off

    return listener.listen(app)


def _config(paths: AppPaths) -> Config:
    return Config(paths.config_file)
