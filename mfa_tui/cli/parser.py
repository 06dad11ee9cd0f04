"""The parser of the command line: commands, options and their help. Imports no module that runs a command."""

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mfa_tui import __version__, formatting
from mfa_tui.cli.options import (
    CheckOptions,
    CompletionOptions,
    OutputOptions,
    ProfileOptions,
    RotateOptions,
    ServeOptions,
)

PROGRAM = "mfa-tui"

SHELLS = ("bash", "zsh", "fish")
"""The shells that `mfa-tui completion` supports."""

EXIT_CODES = """\
exit codes:
  0 done, 1 refused or declined, 2 usage, 3 not signed in, 4 challenge pending, 5 rate-limited,
  6 service not reached, 7 outcome unknown, 70 internal error, 129, 130, 131 and 143 ended by a signal
"""


class Parser(argparse.ArgumentParser):
    """A parser that suggests the command that was probably meant, as Python's own does from 3.14 on."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as argparse has it
        near = difflib.get_close_matches(str(value), [str(choice) for choice in action.choices or ()], n=1)
        if near and value not in (action.choices or ()):
            raise argparse.ArgumentError(action, f"there is no {str(value)!r}; did you mean {near[0]!r}?")
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and say that nothing was done."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\nNothing was done.\n")


class _CommandParser(Parser):
    """The parser of one command, which prints its own usage if an option is unknown."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has it
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"there is no {formatting.listing([repr(one) for one in unknown], 'or')} here")
        return parsed, unknown


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line, `sys.argv` by default; `help` and `help COMMAND` are the same as `--help`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"]:
        given = [*given[1:2], "--help"]
    return parser().parse_args(given)


def parser() -> Parser:
    """Return the parser of the whole command line.

    Its result holds the `Command`, or None if none is given. Each global option may stand before or after the
    command, or in the environment as `MFA_TUI_…`.
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
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", parser_class=_CommandParser)
    for command in COMMANDS:
        one = commands.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary[:1].upper()}{command.summary[1:]}.\n\n{command.details}".rstrip(),
            epilog=f"example:\n  {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if command.is_client:
            _add_global_options(one, again=True)
        command.add_options(one)
        one.set_defaults(command=command)
    return whole


def _add_global_options(to: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Add the options of every client command; `again` adds them to a command, whose help does not repeat them."""
    group = to.add_argument_group("global options", "before or after the command, or as MFA_TUI_... in the environment")

    def add(option: str, description: str, default: object, **more: Any) -> None:  # noqa: ANN401 - as argparse has it
        if again:
            default = description = argparse.SUPPRESS
        group.add_argument(option, help=description, default=default, **more)

    add("--profile", "use this profile of the configuration", _from_environment("profile"), metavar="NAME")
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


def _no_options(_parser: argparse.ArgumentParser) -> None:
    """Add no options but the global ones."""


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def _rotate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="rotate without asking")
    parser.add_argument("--save", metavar="FILE", help="write the new codes to a new file instead of printing them")
    _json(parser)


def _check(parser: argparse.ArgumentParser) -> None:
    # shtab reads this attribute, which selects the shell's own completion of file names.
    parser.add_argument(
        "file", metavar="FILE", help="compare this text file with the live codes; - for stdin"
    ).complete = {  # type: ignore[attr-defined]
        "bash": "_shtab_compgen_files",
        "zsh": "_files",
        "fish": "(__fish_complete_path (commandline -ct))",
    }


def _email(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", metavar="E", help="send the code to this address")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="print the script for bash, zsh or fish")


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="listen on this address (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="listen on this port (default: a free one)")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="keep the database, keys and mail in this folder")
    parser.add_argument("--environment-id", metavar="UUID", help="set the environment's UUID in a new data folder")
    parser.add_argument(
        "--limits",
        choices=("documented", "relaxed"),
        default="documented",
        help="apply the rate limits that the vendor documents, or only those on guessing (default: %(default)s)",
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="use this certificate chain (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="use this key of the certificate (PEM)")
    parser.add_argument("--behind-proxy", action="store_true", help="trust a proxy in front of the service to do TLS")


@dataclass(frozen=True)
class Command:
    """A command: its name, its help, an example, and the module whose `run` takes its options."""

    name: str
    summary: str
    """One line, which starts with a verb."""
    details: str
    example: str
    module: str | None
    """None for the challenge, which the front ends show."""
    options: type = ProfileOptions
    add_options: Callable[[argparse.ArgumentParser], None] = _no_options
    is_client: bool = True
    """Whether it calls a service, and so takes the global options."""


COMMANDS = (
    Command(
        "challenge",
        "sign in and complete the MFA challenge, on a screen or line by line",
        "Ends when the challenge is passed or abandoned.",
        "mfa-tui challenge",
        None,
    ),
    Command(
        "status",
        "show the user, the service, the number of codes left, and a pending challenge or confirmation",
        "Never prints a code. Ends with 3 if no user is signed in, with 4 if a challenge is pending.",
        "mfa-tui status --json | jq .count",
        "mfa_tui.cli.commands.status",
        OutputOptions,
        _json,
    ),
    Command(
        "codes",
        "print the codes, one per line",
        'With --json in the shape of the API: {"count": 10, "recoveryCodes": ["ABCDEFGHIJ", ...]}.',
        "mfa-tui codes | gpg --encrypt --recipient me@example.org > codes.gpg",
        "mfa_tui.cli.commands.codes",
        OutputOptions,
        _json,
    ),
    Command(
        "rotate",
        "replace all codes with new ones, and print the new ones",
        "Every unused old code stops working at once. Without --yes it asks first, on the terminal.",
        "mfa-tui rotate --yes --save codes.txt && mfa-tui check codes.txt && mfa-tui acknowledge",
        "mfa_tui.cli.commands.rotate",
        RotateOptions,
        _rotate,
    ),
    Command(
        "use",
        "complete the pending challenge with a code from a prompt or one line of stdin",
        "A session with a pending challenge is not stored, so this signs in first. If the program cannot read the "
        "mail\nitself, it asks for the code from the mail, or reads it from the line of stdin before. If the stored "
        "session is\nvalid, no challenge is pending and no code is used.",
        "mfa-tui use < code.txt",
        "mfa_tui.cli.commands.use",
        ProfileOptions,
        _email,
    ),
    Command(
        "acknowledge",
        "confirm to the service that the codes are saved",
        "From then on each sign-in asks for a second factor.",
        "mfa-tui acknowledge",
        "mfa_tui.cli.commands.acknowledge",
    ),
    Command(
        "check",
        "compare a saved file with the live codes, printing no code",
        "Ends with 0 if every live code is in the file, with 1 if not.",
        "mfa-tui check codes.txt",
        "mfa_tui.cli.commands.check",
        CheckOptions,
        _check,
    ),
    Command(
        "login",
        "sign in with the code from an e-mail, from a prompt or one line of stdin",
        "If the program can read the mail itself, it does.",
        "mfa-tui login --email me@example.org",
        "mfa_tui.cli.commands.login",
        ProfileOptions,
        _email,
    ),
    Command("logout", "end the session and delete it here", "", "mfa-tui logout", "mfa_tui.cli.commands.logout"),
    Command(
        "doctor",
        "check terminal, clipboard, configuration, session and service",
        "",
        "mfa-tui doctor",
        "mfa_tui.cli.commands.doctor",
        OutputOptions,
        _json,
    ),
    Command(
        "completion",
        "print the completion script for a shell",
        "",
        "mfa-tui completion bash > ~/.local/share/bash-completion/completions/mfa-tui",
        "mfa_tui.cli.commands.completion",
        CompletionOptions,
        _completion,
        is_client=False,
    ),
    Command(
        "serve",
        "run the built-in MFA service over HTTP",
        "Prints its address and its environment. Mail goes to D/outbox/*.eml.",
        "mfa-tui serve --port 8765 --data-dir ./service",
        "mfa_tui.cli.commands.serve",
        ServeOptions,
        _serve,
        is_client=False,
    ),
)
"""All commands, in the order of the help."""
