"""The options of each command, as types: `parser` adds their arguments, and `main` makes them from its result."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfa_tui.storage.profile import ProfileOverrides

SHELLS = ("bash", "zsh", "fish")
"""The shells that `mfa-tui completion` supports."""


class Options(argparse.Namespace):
    """The options of a command. A subclass declares each of them with its type."""

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the command to its parser, but not the global options."""


class ProfileOptions(Options):
    """The choice of a profile, and the values that override it: the options of every command that calls a service."""

    profile: str | None = None
    environment_id: str | None = None
    email: str | None = None
    api_url: str | None = None

    @property
    def overrides(self) -> "ProfileOverrides":
        """The profile's name, and the values that override its fields."""
        from mfa_tui.storage.profile import ProfileOverrides  # noqa: PLC0415 - 4 ms, which --help does not need

        return ProfileOverrides(
            profile=self.profile, environment_id=self.environment_id, email=self.email, api_url=self.api_url
        )


class FrontEndOptions(ProfileOptions):
    """The options of the full-screen interface and of the line mode."""

    plain: bool
    hide_after: float


class SignInOptions(ProfileOptions):
    """The options of a command that signs in."""

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the address."""
        parser.add_argument("--email", metavar="E", help="send the code to this address")


class UseOptions(SignInOptions):
    """The options of `mfa-tui use`."""

    passkey: bool = False

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the address and the choice of a passkey."""
        parser.add_argument("--passkey", action="store_true", help="use a passkey instead of a code")
        SignInOptions.add_arguments(parser)


class OutputOptions(ProfileOptions):
    """The options of a command that prints text or JSON."""

    json: bool = False

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the choice of JSON."""
        parser.add_argument("--json", action="store_true", help="print one line of JSON")


class CodesOptions(OutputOptions):
    """The options of `mfa-tui codes`."""

    save: str | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the place and the choice of JSON."""
        _complete_files(parser.add_argument("--save", metavar="PLACE", help="save them there instead of printing them"))
        OutputOptions.add_arguments(parser)


class ConsentOptions(ProfileOptions):
    """The options of a command that may ask before it does something."""

    yes: bool = False

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the consent."""
        parser.add_argument("--yes", action="store_true", help="do it without asking")


class RotateOptions(ConsentOptions, OutputOptions):
    """The options of `mfa-tui rotate`."""

    save: str | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the confirmation, the file and the choice of JSON."""
        ConsentOptions.add_arguments(parser)
        parser.add_argument("--save", metavar="PLACE", help="save the new codes there instead of printing them")
        OutputOptions.add_arguments(parser)


class CheckOptions(ProfileOptions):
    """The options of `mfa-tui check`."""

    place: str

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the place."""
        _complete_files(parser.add_argument("place", metavar="PLACE", help="the place with the codes; - for stdin"))


class ProfilesOptions(Options):
    """The options of `mfa-tui profiles`."""

    action: str | None = None
    name: str | None = None
    json: bool = False

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the action, the profile and the choice of JSON."""
        parser.add_argument("action", nargs="?", choices=("use", "remove"), help="make NAME the default, or remove it")
        complete_profiles(parser.add_argument("name", nargs="?", metavar="NAME", help="the profile"))
        parser.add_argument("--json", action="store_true", help="print one line of JSON")


class AppsOptions(ConsentOptions, OutputOptions):
    """The options of `mfa-tui apps`."""

    action: str | None = None
    name: str | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the action, the app, the consent and the choice of JSON."""
        actions = "print the key of a new app, confirm that app, or remove one"
        parser.add_argument("action", nargs="?", choices=("add", "confirm", "remove"), help=actions)
        parser.add_argument("name", nargs="?", metavar="NAME", help="the name or the id of the app to remove")
        ConsentOptions.add_arguments(parser)
        OutputOptions.add_arguments(parser)


class CompletionOptions(Options):
    """The options of `mfa-tui completion`."""

    shell: str

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the shell."""
        parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="print the script for bash, zsh or fish")


class DataOptions(Options):
    """The options that say where the built-in service keeps its data."""

    data_dir: Path | None = None
    database_url: str | None = None
    keys: Path | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the data folder, the database and the key file."""
        add = parser.add_argument
        add("--data-dir", type=Path, metavar="D", help="keep the database, keys and mail in this folder")
        url = "use this PostgreSQL database; MFA_TUI_DATABASE_URL may contain its password"
        add("--database-url", metavar="URL", help=url)
        add("--keys", type=Path, metavar="FILE", help="use this key file, the same on each machine of the service")


class AdminOptions(DataOptions):
    """The options of `mfa-tui admin`."""

    action: str
    email: str
    yes: bool = False

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the action, the user, the place of the data and the consent."""
        parser.add_argument("action", choices=("reset",), help="end everything that the user signs in with")
        parser.add_argument("email", metavar="EMAIL", help="the user's address")
        DataOptions.add_arguments(parser)
        ConsentOptions.add_arguments(parser)


class ServeOptions(DataOptions):
    """The options of `mfa-tui serve`."""

    host: str = "127.0.0.1"
    port: int = 0
    smtp: str | None = None
    smtp_login: Path | None = None
    environment_id: str | None = None
    limits: str = "documented"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: Sequence[str] = ()
    origin: Sequence[str] = ()
    api_version: str | None = None
    seed_user: Sequence[str] = ()
    seed_app: bool = False

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the address, the data folder, the database, the limits, TLS and the API."""
        add = parser.add_argument
        add("--host", default="127.0.0.1", metavar="ADDRESS", help="listen on this address (default: %(default)s)")
        add("--port", type=int, default=0, metavar="N", help="listen on this port (default: a free one)")
        DataOptions.add_arguments(parser)
        add("--smtp", metavar="HOST:PORT", help="send mail through this mail server, instead of writing it to a folder")
        login = "log in to it with the user and the password in this file, a line each, which only you may read"
        add("--smtp-login", type=Path, metavar="FILE", help=login)
        add("--environment-id", metavar="UUID", help="set the environment's UUID in a new data folder")
        limits = "apply the rate limits that the vendor documents, or only those on guessing (default: %(default)s)"
        add("--limits", choices=("documented", "relaxed"), default="documented", help=limits)
        add("--tls-cert", type=Path, metavar="FILE", help="use this certificate chain (PEM)")
        add("--tls-key", type=Path, metavar="FILE", help="use this key of the certificate (PEM)")
        trusted = "trust the proxies at these addresses to do TLS, and to name the client in X-Forwarded-For"
        add("--trusted-proxy", nargs="+", default=(), metavar="ADDRESS", help=trusted)
        origin = "allow passkeys in the web app at https://NAME too; at http://localhost they always work (repeatable)"
        add("--origin", action="append", default=[], metavar="URL", help=origin)
        version = "require an elevated token to register or delete a factor, as this version of the API does"
        add("--api-version", choices=("2026-04-01",), help=version)
        seed = "create this user for tests; D/seeds.json lists the recovery codes (repeatable)"
        add("--seed-user", action="append", default=[], metavar="EMAIL", help=seed)
        add("--seed-app", action="store_true", help="give each new seeded user an authenticator app too")


def _complete_files(argument: argparse.Action) -> None:
    """Complete the argument as the shell completes file names; shtab reads this attribute."""
    argument.complete = {  # type: ignore[attr-defined]
        "bash": "_shtab_compgen_files",
        "zsh": "_files",
        "fish": "(__fish_complete_path (commandline -ct))",
    }


_PRINT_PROFILES = "mfa-tui profiles 2>/dev/null | sed 's/^..//; s/:.*//'"


def complete_profiles(argument: argparse.Action) -> None:
    """Complete the argument with the names of the profiles, as `_complete_files` does with files."""
    argument.complete = {  # type: ignore[attr-defined]
        "bash": "_mfa_tui_profiles",
        "zsh": "_mfa_tui_profiles",
        "fish": f"({_PRINT_PROFILES})",
        "preamble": {
            "bash": f'_mfa_tui_profiles() {{ compgen -W "$({_PRINT_PROFILES})" -- "$1"; }}',
            "zsh": f'_mfa_tui_profiles() {{ compadd -- ${{(f)"$({_PRINT_PROFILES})"}} }}',
        },
    }
