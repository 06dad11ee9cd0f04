"""A clock that cannot be set: the time since the system was started, with the id of that start.

The wall clock may jump, and Python's monotonic clock may stop during suspend. A request that is under way does neither.
"""

import time
from pathlib import Path
from typing import Annotated, Self

from msgspec import Meta

from mfa_tui.protocol import models

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Source: random(4)."""


class BootTime(models.Message, frozen=True, kw_only=True):
    """A moment: the id of the system's start, and the seconds since then."""

    boot_id: Annotated[str, Meta(max_length=64)]
    seconds: Annotated[float, Meta(ge=0, le=1e12)]

    @classmethod
    def now(cls) -> Self:
        """Return the current moment. Only Linux names its start; elsewhere the id is empty."""
        try:
            boot_id = _BOOT_ID.read_text(encoding="ascii").strip()[:64]
        except (OSError, ValueError):
            boot_id = ""
        clock = getattr(time, "CLOCK_BOOTTIME", None)  # Linux: it goes on during suspend
        return cls(boot_id=boot_id, seconds=time.monotonic() if clock is None else time.clock_gettime(clock))

    def elapsed(self) -> float | None:
        """Return the seconds since this moment, or None if the system was started anew or it is another machine's."""
        now = type(self).now()
        if now.boot_id != self.boot_id or now.seconds < self.seconds:
            return None
        return now.seconds - self.seconds
