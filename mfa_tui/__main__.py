"""The program's entry point: the command `mfa-tui`, and `python -m mfa_tui`."""

import os
import signal
from typing import NoReturn

# Until the program handles it, an interrupt ends the process as the system does: Python would print a traceback. An
# interrupt that is ignored, as in a background job, stays ignored.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from mfa_tui.cli.main import main


def run() -> NoReturn:
    """Run the command line, and end the process with its exit code.

    All is flushed and closed by then. Python's own end would also free each object, for which the user would wait.
    """
    os._exit(main())


if __name__ == "__main__":
    run()
