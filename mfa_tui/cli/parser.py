"""The command line's grammar: verbs and flags, and what `--help` says of them. Imports nothing that a verb needs."""

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mfa_tui import __version__, formatting

PROGRAM = "mfa-tui"

SHELLS = ("bash", "zsh", "fish")
"""The shells that there is a completion for."""

EXIT_CODES = """\
exit codes:
  0 done, 1 refused or declined, 2 usage, 3 not signed in, 4 challenge pending, 5 rate-limited,
  6 service not reached, 7 outcome unknown, 70 a fault of ours, 129, 130, 131 and 143 ended by a signal
"""


class Parser(argparse.ArgumentParser):
    """A parser that names the verb that was probably meant. Python's own does so from 3.14 on."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as argparse has it
        near = difflib.get_close_matches(str(value), [str(choice) for choice in action.choices or ()], n=1)
        if near and value not in (action.choices or ()):
            raise argparse.ArgumentError(action, f"there is no {str(value)!r}; did you mean {near[0]!r}?")
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and that it is all that happened."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\nNothing was done.\n")


class _VerbParser(Parser):
    """The parser of one verb, whose own usage is what helps where a flag is unknown."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has it
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"there is no {formatting.listing([repr(one) for one in unknown], 'or')} here")
        return parsed, unknown


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line says, `sys.argv` by default; `help` and `help VERB` are as `--help`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"]:
        given = [*given[1:2], "--help"]
    return parser().parse_args(given)


def parser() -> Parser:
    """Return the parser of the whole command line.

    What it parses names the `module` that does the work, or None for the screens and the line mode. Each global
    flag may stand before or after the verb, or in the environment as `MFA_TUI_…`.
    """
    whole = Parser(
        prog=PROGRAM,
        description="See, keep, rotate and use MFA recovery codes. With no verb: the screens, or the line mode.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_global_flags(whole)
    whole.set_defaults(module=None, challenge=False)
    verbs = whole.add_subparsers(title="verbs", metavar="VERB", parser_class=_VerbParser)
    for verb in COMMANDS:
        one = verbs.add_parser(
            verb.name,
            help=verb.does,
            description=f"{verb.does[:1].upper()}{verb.does[1:]}.\n\n{verb.details}".rstrip(),
            epilog=f"example:\n  {verb.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if verb.is_client:
            _add_global_flags(one, again=True)
        verb.add_flags(one)
        one.set_defaults(module=verb.module, challenge=verb.name == "challenge")
    return whole


def _add_global_flags(to: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Add what every verb takes; `again` adds it to a verb, whose help does not repeat it."""
    flags = to.add_argument_group("global flags", "before or after the verb, or as MFA_TUI_... in the environment")

    def add(flag: str, said: str, default: object, **more: Any) -> None:  # noqa: ANN401 - as argparse has it
        if again:
            default = said = argparse.SUPPRESS
        flags.add_argument(flag, help=said, default=default, **more)

    add("--profile", "the profile in the configuration to use", _given("profile"), metavar="NAME")
    add("--api-url", "the service's address, up to and with /api/v0", _given("api_url"), metavar="URL")
    add("--environment-id", "the environment at the service", _given("environment_id"), metavar="UUID")
    by_lines = "the line mode in place of the screens, for screen readers and simple terminals; also ACCESSIBLE=1"
    add("--plain", by_lines, _is_on(_given("plain")) or _is_on(os.environ.get("ACCESSIBLE")), action="store_true")
    add("--log", "write a log without any value in it, for a bug report", _given("log"), metavar="FILE", type=Path)
    hide = "cover the codes after so many seconds without a key; 0 for never (default: 60)"
    add("--hide-after", hide, _given("hide_after") or "60", metavar="SECONDS", type=_seconds)


def _seconds(text: str) -> float:
    """Return the number of seconds; what is none, argparse tells."""
    seconds = float(text)
    if not 0 <= seconds <= 24 * 3600:
        raise ValueError
    return seconds


_seconds.__name__ = "seconds"  # as argparse calls it


def _given(flag: str) -> str | None:
    return os.environ.get(f"MFA_TUI_{flag.upper()}") or None


def _is_on(value: str | None) -> bool:
    return (value or "").lower() not in {"", "0", "no", "off", "false"}


def _no_flags(_parser: argparse.ArgumentParser) -> None:
    """Take nothing but the global flags."""


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as one line of JSON")


def _rotate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask first")
    parser.add_argument("--save", metavar="FILE", help="write the new codes to a new file, and do not print them")
    _json(parser)


def _check(parser: argparse.ArgumentParser) -> None:
    # shtab reads this attribute: the shell's own completion of file names.
    parser.add_argument("file", metavar="FILE", help="any text with the codes in it; - for stdin").complete = {  # type: ignore[attr-defined]
        "bash": "_shtab_compgen_files",
        "zsh": "_files",
        "fish": "(__fish_complete_path (commandline -ct))",
    }


def _email(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", metavar="E", help="the address that the code is sent to")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port to listen on (default: a free one)")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="folder for the database, keys and mail")
    parser.add_argument("--environment-id", metavar="UUID", help="the environment's UUID, for a new data folder")
    parser.add_argument(
        "--limits",
        choices=("documented", "relaxed"),
        default="documented",
        help="rate limits as the vendor documents them, or none but those on guessing (default: %(default)s)",
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM), to be reached from elsewhere"
    )
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key (PEM)")
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy in front takes care of TLS")


@dataclass(frozen=True)
class Command:
    """A verb: its name, what it does in one line and in more, an example, and the module whose `run` does it."""

    name: str
    does: str
    details: str
    example: str
    module: str | None
    add_flags: Callable[[argparse.ArgumentParser], None] = _no_flags
    is_client: bool = True
    """Whether it speaks to a service, and so takes the global flags."""


COMMANDS = (
    Command(
        "challenge",
        "sign in anew and finish the MFA challenge, on a screen or line by line",
        "Ends when the challenge is passed or given up.",
        "mfa-tui challenge",
        None,
    ),
    Command(
        "status",
        "say who is signed in where, what is pending, and how many codes are left",
        "Never prints a code. Ends with 3 where nobody is signed in, with 4 where a challenge is pending.",
        "mfa-tui status --json | jq .count",
        "mfa_tui.cli.commands.status",
        _json,
    ),
    Command(
        "codes",
        "print the codes, one a line",
        'With --json as the service has them: {"count": 10, "recoveryCodes": ["ABCDEFGHIJ", ...]}.',
        "mfa-tui codes | gpg --encrypt --recipient me@example.org > codes.gpg",
        "mfa_tui.cli.commands.codes",
        _json,
    ),
    Command(
        "rotate",
        "replace all codes by new ones, and print these",
        "Every unused old code stops working at once. Without --yes it asks first, on the terminal.",
        "mfa-tui rotate --yes --save codes.txt && mfa-tui check codes.txt && mfa-tui acknowledge",
        "mfa_tui.cli.commands.rotate",
        _rotate,
    ),
    Command(
        "use",
        "finish the pending challenge with a code, which is asked for or is one line of stdin",
        "Nothing is kept of a session whose challenge is pending, so this signs in anew first; where the program "
        "cannot\nread the mail by itself, the code from the mail is asked for, or is the line of stdin before. "
        "Where the\nkept session is good, nothing is pending and no code is spent.",
        "mfa-tui use < code.txt",
        "mfa_tui.cli.commands.use",
        _email,
    ),
    Command(
        "acknowledge",
        "tell the service that the codes are saved",
        "From then on each sign-in asks for a second factor.",
        "mfa-tui acknowledge",
        "mfa_tui.cli.commands.acknowledge",
    ),
    Command(
        "check",
        "compare a saved file with the codes that work now, and print none",
        "Ends with 0 if every code that works now is in the file, with 1 if not.",
        "mfa-tui check codes.txt",
        "mfa_tui.cli.commands.check",
        _check,
    ),
    Command(
        "login",
        "sign in with a code from the mail, which is asked for or is one line of stdin",
        "Where the program can read the mail by itself, it does.",
        "mfa-tui login --email me@example.org",
        "mfa_tui.cli.commands.login",
        _email,
    ),
    Command("logout", "end the session and forget it", "", "mfa-tui logout", "mfa_tui.cli.commands.logout"),
    Command(
        "doctor",
        "say what works here: terminal, clipboard, configuration, session, service",
        "",
        "mfa-tui doctor",
        "mfa_tui.cli.commands.doctor",
        _json,
    ),
    Command(
        "completion",
        "print the completion script of a shell",
        "",
        "mfa-tui completion bash > ~/.local/share/bash-completion/completions/mfa-tui",
        "mfa_tui.cli.commands.completion",
        _completion,
        is_client=False,
    ),
    Command(
        "serve",
        "run the embedded MFA service over HTTP",
        "Prints its address and its environment. Mail goes to D/outbox/*.eml.",
        "mfa-tui serve --port 8765 --data-dir ./service",
        "mfa_tui.cli.commands.serve",
        _serve,
        is_client=False,
    ),
)
"""All verbs, in the order in which help lists them."""
