"""Running the command line: picks the face or the verb, and gives the exit code. Imports only what is needed."""

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from mfa_tui import log, redaction
from mfa_tui.cli import parser
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.log import Event
from mfa_tui.terminal import capabilities, console

Verb = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, `sys.argv` by default, and return the exit code."""
    parsed = parser.parse(arguments)
    redaction.harden_process()
    try:
        if getattr(parsed, "log", None) is not None:
            log.open_log(parsed.log)
        log.note(Event.START)
        return _verb(parsed.module or _face(parsed))(parsed)
    except MfaTuiError as error:
        console.print_message("\n".join(filter(None, (f"{parser.PROGRAM}: {error}", error.details))))
        hung_up = isinstance(error, console.NoTerminalError) and capabilities.is_hung_up()
        return ExitCode.HANGUP if hung_up else error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: told without its values
        console.print_message(str(redaction.Crash.of(error)))
        return ExitCode.FAULT
    finally:
        console.discard_unwritable_output()


def _verb(module: str) -> Verb:
    verb: Verb = import_module(module).run
    return verb


def _face(parsed: argparse.Namespace) -> str:
    by_lines = parsed.plain or not capabilities.can_move_its_cursor()
    return "mfa_tui.line_mode.main" if by_lines else "mfa_tui.tui.main"
