"""The built-in MFA service: one data folder, one environment, one ASGI app."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from mfa_tui.server.app import Dispatcher
from mfa_tui.server.context import ServiceContext
from mfa_tui.server.database import DataFolder, OpenedStore
from mfa_tui.server.limits import Limits, RateLimiter
from mfa_tui.server.mail import Outbox
from mfa_tui.server.sqlite import SqliteStore
from mfa_tui.server.store import Clock
from mfa_tui.server.tokens import Tokens

__all__ = ["Limits", "Service"]

_READERS = 2
_WRITERS = 2
"""How many threads. Python runs one at a time, so two are enough: one may wait for the disk. Writers have threads of
their own, because they may wait long for the lock of another process."""


class Service:
    """A service with an open data folder. `open` creates it."""

    def __init__(
        self, folder: DataFolder, opened: OpenedStore, limiter: RateLimiter, origins: tuple[str, ...], clock: Clock
    ) -> None:
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="mfa-service-reads")
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="mfa-service-writes")
        self._store = SqliteStore(folder.database, clock)
        self.environment_id = opened.environment_id
        """The id of the environment: a lower-case UUID."""
        self.outbox = folder.outbox
        """The folder of mails, each an RFC 5322 file `*.eml`."""
        outbox = Outbox(folder.outbox, self._store, opened.keys)
        outbox.write_stored()
        service = ServiceContext(
            opened.environment_id,
            opened.keys,
            Tokens(opened.keys.signing, opened.environment_id),
            outbox,
            limiter,
            origins,
        )
        self.app = Dispatcher(service, self._store, self._readers, self._writers, clock).app()
        """The ASGI app; it needs no lifespan."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        environment_id: str | None = None,
        limiter: RateLimiter | None = None,
        origins: tuple[str, ...] = (),
        clock: Clock = time.time,
    ) -> Self:
        """Open a data folder, or create it if it does not exist. Several processes may have it open.

        Args:
            folder: The data folder.
            environment_id: The environment that it must belong to, a lower-case UUID; None accepts any.
            limiter: Applies the hosted service's rate limits; None for none. Throttling of wrong codes always applies.
            origins: The origins of web apps that may use passkeys, beside `http://localhost`.
            clock: Returns the time.

        Raises:
            ServiceError: The folder cannot be used; the subclass says why. Nothing was changed.
        """
        data_folder = DataFolder(folder)
        opened = OpenedStore.open(data_folder, environment_id)
        return cls(data_folder, opened, limiter or RateLimiter(Limits.RELAXED), origins, clock)

    def close(self) -> None:
        """Wait for the requests in progress, then close the database."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._store.close()
