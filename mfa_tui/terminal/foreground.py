"""Whether the terminal is still this program's."""

import os
import sys


def has_terminal() -> bool:
    """Return whether the terminal on stdin is there, and no other job has it.

    A hang-up is signalled to the session's leader alone; one that ignores it, or was killed, passes nothing on.
    """
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno() if sys.__stdin__ else 0) == os.getpgrp()
    except OSError:
        return False


def give_up_lost_output() -> None:
    """Let what can no longer be written go; Python would fail on it at the very end, and exit with 120."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                discard(stream.fileno())


def discard(descriptor: int) -> None:
    """Let what is still written there go nowhere.

    Raises:
        OSError: There is no such descriptor.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
