"""Whether the terminal is still this program's."""

import errno
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


def is_hung_up() -> bool:
    """Return whether stdin is a terminal that has hung up."""
    if sys.platform == "win32":
        return False
    try:
        os.tcgetpgrp(0)
    except OSError as error:
        return error.errno in {errno.EIO, errno.ENXIO}  # of no terminal at all it would be ENOTTY, or EBADF
    return False


def give_up_lost_output() -> None:
    """Let what can no longer be written go; Python would fail on it at the very end, and exit with 120."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
