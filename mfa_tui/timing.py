"""How long the program waits, in seconds, as one value that tests replace."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """All waits of an open account."""

    reconcile_delays: tuple[float, ...] = (0.0, 1.0, 4.0)
    """Before each read of a set that is still the old one: the service may still be handling the request."""

    request_max_age: float = 120
    """After this a request is no longer under way anywhere: gateways give up after one or two minutes."""

    min_session_time: float = 600
    """A session that ends sooner is refreshed before a rotation: reading the set back needs one."""

    revoke_timeout: float = 3
    """How long signing out waits for the service."""

    expiry_warning: float = 600
    """How long before the end of a session the user is warned."""


DEFAULT_TIMING = Timing()
