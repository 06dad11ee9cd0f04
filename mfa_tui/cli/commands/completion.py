"""`mfa-tui completion SHELL`: the completion script for a shell."""

from mfa_tui.cli import parser
from mfa_tui.cli.options import CompletionOptions
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import console


def run(options: CompletionOptions) -> ExitCode:
    """Print a script that completes commands, options and file names in the shell.

    Raises:
        OutputLostError: It could not be written.
    """
    import shtab  # noqa: PLC0415 - 60 ms, for this command alone

    console.print_text(shtab.complete(parser.parser(repeats_help=True), options.shell))
    return ExitCode.DONE
