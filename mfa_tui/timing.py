"""How long the program waits, in seconds, as one value that tests replace."""

from typing import NamedTuple


class Timing(NamedTuple):
    """All waits of an open account, of its client and of its screens."""

    request_timeout: float = 60
    """How long a request may take, with all that it waits for, and with its repetition."""

    long_wait: float = 2
    """After this a request takes long, and the user sees for how many seconds it has had no response."""

    wait_tick: float = 1
    """Between two updates of these seconds on a screen."""

    wait_report: float = 10
    """Between two lines about them in the line mode and in a command."""

    connect_timeout: float = 10
    """How long connecting to the service may take."""

    reconcile_delays: tuple[float, ...] = (0.0, 1.0, 4.0)
    """Before each read of a set that is still the old one: the service may still be handling the request."""

    request_max_age: float = 120
    """After this a request is no longer under way anywhere: gateways give up after one or two minutes."""

    record_lock_timeout: float = 90
    """How long to wait for another program of this user that changes the same codes: longer than a request takes."""

    use_lock_timeout: float = 2
    """The same before a code is used: that needs the record for a note only, and the user waits."""

    min_session_time: float = 600
    """A session that ends sooner is refreshed before a rotation: reading the set back needs one."""

    revoke_timeout: float = 3
    """How long signing out waits for the service."""

    expiry_warning: float = 600
    """How long before the end of a session the user is warned."""

    resend_wait: int = 20
    """Until an e-mail can be requested again: the vendor sends three a minute at most."""

    session_refresh: float = 45
    """Between two checks if the session must be refreshed; within a minute, for which the earlier token stays valid."""

    clipboard_clear_after: float = 45
    """Until a copied text is cleared, as in `pass`."""

    clipboard_refresh: float = 5
    """Between two updates of the clipboard's time left: each of them sends bytes to the terminal."""

    handoff_poll: float = 1
    """Between two looks if a browser has answered."""

    tool_timeout: float = 3
    """How long a command of the system may take, such as `xclip`."""

    shutdown_timeout: float = 5
    """How long an orderly end may take: a terminal that takes no more output would block the program for ever."""


DEFAULT_TIMING = Timing()
