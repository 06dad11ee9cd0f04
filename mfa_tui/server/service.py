"""The embedded MFA service: one data folder, one environment, one ASGI app."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from mfa_tui.server.app import Dispatcher
from mfa_tui.server.context import ServiceContext
from mfa_tui.server.database import DataFolder, OpenedStore
from mfa_tui.server.entropy import Entropy
from mfa_tui.server.limits import Limits, RateLimiter
from mfa_tui.server.mail import Outbox
from mfa_tui.server.store import Clock, Store
from mfa_tui.server.tokens import Tokens

__all__ = ["Limits", "Service"]

_READERS = 2
_WRITERS = 2
"""Threads. Python runs one at a time, so more would only get in each other's way: two, as one may wait for the disk.
Those that write are others than those that read, and may wait long for another process's lock."""

_EVERYDAY_ENTROPY = Entropy()


class Service:
    """The service, open on its data folder. Made by `open`."""

    def __init__(self, folder: DataFolder, opened: OpenedStore, limits: Limits, clock: Clock, entropy: Entropy) -> None:
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="mfa-service-reads")
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="mfa-service-writes")
        self._store = Store(folder.database, clock)
        self.environment_id = opened.environment_id
        """The environment whose users the database holds: a lower-case UUID."""
        self.outbox = folder.outbox
        """The folder into which mails are put, each an RFC 5322 file `*.eml`."""
        service = ServiceContext(
            opened.environment_id,
            opened.keys,
            Tokens(opened.keys.signing, opened.environment_id),
            Outbox(folder.outbox, entropy),
            entropy,
            RateLimiter(limits),
        )
        self.app = Dispatcher(service, self._store, self._readers, self._writers, clock).app()
        """The ASGI app; it needs no lifespan."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        environment_id: str | None = None,
        limits: Limits = Limits.RELAXED,
        clock: Clock = time.time,
        entropy: Entropy = _EVERYDAY_ENTROPY,
    ) -> Self:
        """Open a data folder, or make it where there is none. Several processes may have it open.

        Args:
            folder: The data folder.
            environment_id: The environment it must be of, a lower-case UUID; None takes what is there.
            limits: Whether the hosted service's documented rate limits apply. Those on guessing always do.
            clock: Gives the time.
            entropy: Gives what must be unpredictable.

        Raises:
            ServiceError: The subclass says why the folder cannot be used. Nothing was changed.
        """
        place = DataFolder(folder)
        return cls(place, OpenedStore.at(place, entropy, environment_id), limits, clock, entropy)

    def close(self) -> None:
        """Let the calls in progress end, then close the database."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._store.close()
