"""The built-in MFA service: one data folder, one environment, one ASGI app."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from mfa_tui.server.app import Dispatcher
from mfa_tui.server.context import DEFAULT_API_OPTIONS, ApiOptions, ServiceContext
from mfa_tui.server.database import Location, OpenedStore
from mfa_tui.server.errors import FolderNotUsableError
from mfa_tui.server.limits import Limits, RateLimiter
from mfa_tui.server.mail import Delivery, FolderDelivery, Outbox
from mfa_tui.server.store import Clock, RolledBackError
from mfa_tui.server.time_caps import TimeCaps
from mfa_tui.server.tokens import Tokens

__all__ = ["ApiOptions", "Limits", "Service"]


class Service:
    """A service with an open data folder. `open` creates it."""

    def __init__(
        self, location: Location, opened: OpenedStore, limiter: RateLimiter, api: ApiOptions, clock: Clock
    ) -> None:
        self._folder = location.folder
        self._keys = opened.keys
        self._store = opened.store
        # Writers have threads of their own, because they may wait long for the lock of another process.
        self._readers = ThreadPoolExecutor(self._store.readers, thread_name_prefix="mfa-service-reads")
        self._writers = ThreadPoolExecutor(self._store.writers, thread_name_prefix="mfa-service-writes")
        self.environment_id = opened.environment_id
        """The id of the environment: a lower-case UUID."""
        self.outbox = location.outbox
        """The folder of mails, each an RFC 5322 file `*.eml`."""
        self._outbox = Outbox(_delivery(location), self._store, opened.keys)
        service = ServiceContext(
            opened.environment_id,
            opened.keys,
            Tokens(opened.signing_key, opened.environment_id),
            self._outbox,
            limiter,
            api,
        )
        dispatcher = Dispatcher(service, self._store, self._readers, self._writers, clock, TimeCaps(self._store, clock))
        self.app = dispatcher.app()
        """The ASGI app; it needs no lifespan."""
        self.page_app = dispatcher.page_app()
        """The ASGI app of the hand-off's page alone."""

    @classmethod
    def open(
        cls,
        location: Location | Path,
        *,
        environment_id: str | None = None,
        limiter: RateLimiter | None = None,
        api: ApiOptions = DEFAULT_API_OPTIONS,
        clock: Clock = time.time,
    ) -> Self:
        """Open a database and its data folder, or create them if they do not exist. Several processes may do so.

        Args:
            location: Where the data is; a path is the data folder, with all of it.
            environment_id: The environment that it must belong to, a lower-case UUID; None accepts any.
            limiter: Applies the hosted service's rate limits; None for none. Throttling of wrong codes always applies.
            api: The operator's choices about the API.
            clock: Returns the time.

        Raises:
            ServiceError: The database or the folder cannot be used; the subclass says why. Nothing was changed.
        """
        if isinstance(location, Path):
            location = Location(location)
        opened = OpenedStore.open(location, environment_id, clock=clock)
        return cls(location, opened, limiter or RateLimiter(Limits.RELAXED), api, clock)

    def seed(self, emails: Iterable[str], *, with_totp: bool) -> Path:
        """Create users for tests, and return the file with their codes and secrets.

        Raises:
            FolderNotUsableError: The file or the database could not be written. No user was created.
        """
        from mfa_tui.server import seeds  # noqa: PLC0415 - only for tests of web apps

        file = self._folder / "seeds.json"
        try:
            self._store.write(lambda db: seeds.create(db, self._keys, file, emails, with_totp=with_totp))
        except (OSError, RolledBackError) as error:
            reason = getattr(error, "strerror", None) or "it cannot be written"
            raise FolderNotUsableError(self._folder, reason) from None
        return file

    def close(self) -> None:
        """Wait for the requests in progress, then close the database."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._outbox.close()
        self._store.close()


def _delivery(location: Location) -> Delivery:
    if location.mail_server is None:
        return FolderDelivery(location.outbox)
    from mfa_tui.server.smtp import SmtpDelivery  # noqa: PLC0415 - 20 ms, only if a mail server is used

    return SmtpDelivery(location.mail_server)
