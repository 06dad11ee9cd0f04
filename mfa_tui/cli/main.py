"""The entry point: runs the front end or the command, and returns the exit code. Imports only the code it runs."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from mfa_tui import log, redaction
from mfa_tui.cli import parser
from mfa_tui.cli.command_table import COMMANDS, Command
from mfa_tui.cli.options import FrontEndOptions
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.garbage import collection_paused
from mfa_tui.log import Event
from mfa_tui.terminal import capabilities, console


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, `sys.argv` by default, and return the exit code."""
    parsed = parser.parse(arguments)
    redaction.harden_process()
    try:
        if getattr(parsed, "log", None) is not None:
            log.open_log(parsed.log)
        log.note(Event.START)
        console.hints.set_commands(one.name for one in COMMANDS if one.is_client)
        console.hints.profile = getattr(parsed, "profile", None)
        return _run(parsed)
    except MfaTuiError as error:
        console.print_message("\n".join(filter(None, (f"{parser.PROGRAM}: {error}", error.details))))
        hung_up = isinstance(error, console.NoTerminalError) and capabilities.is_hung_up()
        return ExitCode.HANGUP if hung_up else error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: reported without its values
        console.print_message(str(redaction.CrashReport.from_exception(error)))
        return ExitCode.FAULT
    finally:
        console.discard_unwritable_output()


def _run(parsed: argparse.Namespace) -> int:
    command: Command | None = parsed.command
    if command is not None and command.module is not None:
        code: int = _import(command.module).run(command.options(**vars(parsed)))
        return code
    options = FrontEndOptions(**vars(parsed))
    challenge_alone = command is not None
    if options.plain or (console.is_interactive() and not capabilities.can_move_its_cursor()):
        code = _import("mfa_tui.line_mode.main").run(options.overrides, challenge_alone=challenge_alone)
    else:
        screens = _import("mfa_tui.tui.main")
        code = screens.run(options.overrides, challenge_alone=challenge_alone, hide_after=options.hide_after)
    return code


def _import(module: str) -> Any:  # noqa: ANN401 - a module
    with collection_paused():
        return import_module(module)
