"""`mfa-tui completion SHELL`."""

import argparse

from mfa_tui.cli import parser
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import console


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print a script that has the shell complete verbs, flags and file names.

    Raises:
        OutputLostError: It could not be written.
    """
    import shtab  # noqa: PLC0415 - 60 ms, for this verb alone

    console.print_text(shtab.complete(parser.parser(), arguments.shell))
    return ExitCode.DONE
