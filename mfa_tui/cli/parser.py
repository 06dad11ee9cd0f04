"""The parser of the command line. Imports no module that runs a command."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn

from mfa_tui import __version__, formatting
from mfa_tui.cli.command_table import COMMANDS
from mfa_tui.cli.options import complete_profiles
from mfa_tui.errors import ExitCode

PROGRAM = "mfa-tui"

EXIT_CODES = """\
exit codes:
  0   done
  1   refused by the service, declined by you, or no secure connection: nothing was sent
  2   usage, configuration or terminal error; nothing was done
  3   not signed in
  4   a challenge is pending: mfa-tui use completes it
  5   too many attempts; stderr says how long to wait
  6   the service was not reached, or its response was lost: nothing that changes was sent
  7   outcome unknown: the response to something that changes was lost; stderr says how to find out
  8   done, but not kept: the codes were replaced, and the new ones could not be shown or saved,
      or are replaced already
  70  internal error
  129, 130, 131, 143  ended by a signal
"""


_COMMAND_NAMES = {command.name for command in COMMANDS}


class Parser(argparse.ArgumentParser):
    """A parser that suggests the command that was probably meant, as Python's own does from 3.14 on."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as argparse has it
        choices = [str(choice) for choice in action.choices or ()]
        if value not in choices and (suggestion := formatting.did_you_mean(str(value), choices)):
            raise argparse.ArgumentError(action, f"there is no {str(value)!r}.{suggestion}")
        super()._check_value(action, value)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has it
        """Parse the arguments, and refuse an option that does not exist, before its value is taken for a command."""
        given = list(sys.argv[1:] if args is None else args)
        own = takewhile(lambda one: one != "--" and one not in _COMMAND_NAMES, given)
        options = [one for one in own if one.startswith("--")]
        self._refuse(one for one in options if one.split("=")[0] not in self._option_string_actions)
        parsed, unknown = super().parse_known_args(given, namespace)
        self._refuse(unknown)
        return parsed, unknown

    def _refuse(self, unknown: Iterable[str]) -> None:
        for one in unknown:
            self.error(f"there is no {one!r} here.{formatting.did_you_mean(one, self._option_string_actions)}")

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and say that nothing was done."""
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\nNothing was done.\n")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line, `sys.argv` by default; `help` and `help COMMAND` are the same as `--help`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"]:
        given = [*given[1:2], "--help"]
    return parser().parse_args(given)


def parser(*, repeats_help: bool = False) -> Parser:
    """Return the parser of the whole command line.

    Its result holds the `Command`, or None if none is given. Each global option may stand before or after the
    command, or in the environment as `MFA_TUI_…`.

    Args:
        repeats_help: Whether each command has the help of the global options too, as a completion script needs it.
    """
    whole = Parser(
        prog=PROGRAM,
        description="View, save, rotate and use MFA recovery codes. Without a command: the screens, or the line mode.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_global_options(whole)
    whole.set_defaults(command=None)
    again = Parser(add_help=False)
    _add_global_options(again, again=True, repeats_help=repeats_help)
    commands = whole.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        one = commands.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary[:1].upper()}{command.summary[1:]}.\n\n{command.details}".rstrip(),
            epilog=f"example:\n  {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            parents=[again] if command.is_client else [],
        )
        command.options.add_arguments(one)
        one.set_defaults(command=command)
    return whole


def _add_global_options(to: argparse.ArgumentParser, *, again: bool = False, repeats_help: bool = True) -> None:
    """Add the options of every client command; `again` adds them to a command, which has no defaults of its own."""
    group = to.add_argument_group("global options", "before or after the command, or as MFA_TUI_... in the environment")

    def add(option: str, description: str, default: object, **more: Any) -> argparse.Action:  # noqa: ANN401 - as argparse has it
        return group.add_argument(
            option,
            help=description if repeats_help else argparse.SUPPRESS,
            default=argparse.SUPPRESS if again else default,
            **more,
        )

    profile = "use this profile of the configuration"
    complete_profiles(add("--profile", profile, _from_environment("profile"), metavar="NAME"))
    add(
        "--api-url",
        "use the service at this URL, up to and including /api/v0",
        _from_environment("api_url"),
        metavar="URL",
    )
    add("--environment-id", "use this environment of the service", _from_environment("environment_id"), metavar="UUID")
    line_mode = "run the line mode, for screen readers and simple terminals; also ACCESSIBLE=1"
    add(
        "--plain",
        line_mode,
        _is_on(_from_environment("plain")) or _is_on(os.environ.get("ACCESSIBLE")),
        action="store_true",
    )
    add(
        "--log",
        "write a log for a bug report, without codes, tokens or addresses",
        _from_environment("log"),
        metavar="FILE",
        type=Path,
    )
    hide_after = "hide the codes after this many seconds without a key; 0 for never (default: 60)"
    add("--hide-after", hide_after, _from_environment("hide_after") or "60", metavar="SECONDS", type=_seconds)


def _seconds(text: str) -> float:
    """Return the number of seconds; argparse reports a `ValueError`."""
    seconds = float(text)
    if not 0 <= seconds <= 24 * 3600:
        raise ValueError
    return seconds


_seconds.__name__ = "seconds"  # the name of the type in the message of argparse


def _from_environment(option: str) -> str | None:
    return os.environ.get(f"MFA_TUI_{option.upper()}") or None


def _is_on(value: str | None) -> bool:
    return (value or "").lower() not in {"", "0", "no", "off", "false"}
