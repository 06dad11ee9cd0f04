"""The command line: verbs, flags and exit codes. Imports only what the verb needs."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from mfa_tui import __version__, secrecy
from mfa_tui.errors import ExitCode, MfaTuiError

Verb = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, `sys.argv` by default, and return the exit code."""
    parsed = _parser().parse_args(arguments)
    secrecy.close_leaks()
    try:
        return _verb(parsed.module)(parsed)
    except MfaTuiError as error:
        print(f"mfa-tui: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: told without its values
        print(secrecy.Crash.of(error), file=sys.stderr)  # noqa: T201
        return ExitCode.FAULT


def _verb(module: str) -> Verb:
    verb: Verb = import_module(module).run
    return verb


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mfa-tui",
        description="See, keep, rotate and use MFA recovery codes. With no verb: the screens.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mfa-tui {__version__}")
    parser.set_defaults(module="mfa_tui.tui.face", challenge=False)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    challenge = verbs.add_parser("challenge", help="sign in anew and finish the MFA challenge with a recovery code")
    challenge.set_defaults(challenge=True)
    _add_serve(verbs.add_parser("serve", help="run the embedded MFA service over HTTP"))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="mfa_tui.verbs.serve")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--data-dir", type=Path, help="folder for the database, keys and mail")
    parser.add_argument("--environment-id", help="the environment's UUID, for a new data folder")
    parser.add_argument(
        "--limits",
        choices=("documented", "relaxed"),
        default="documented",
        help="rate limits as the vendor documents them, or none but those on guessing (default: %(default)s)",
    )
    parser.add_argument("--tls-cert", type=Path, help="certificate chain (PEM), for another address than loopback")
    parser.add_argument("--tls-key", type=Path, help="the certificate's key (PEM)")
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy in front takes care of TLS")
