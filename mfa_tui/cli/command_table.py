"""The commands of the command line, with their help. Imports no module that runs one."""

from typing import NamedTuple

from mfa_tui.cli.options import (
    AdminOptions,
    AppsOptions,
    CheckOptions,
    CodesOptions,
    CompletionOptions,
    ConsentOptions,
    Options,
    OutputOptions,
    ProfileOptions,
    ProfilesOptions,
    RotateOptions,
    ServeOptions,
    SignInOptions,
    UseOptions,
)


class Command(NamedTuple):
    """A command: its name, its help, an example, and the module whose `run` takes its options."""

    name: str
    summary: str
    """One line, which starts with a verb."""
    details: str
    example: str
    module: str | None
    """None for the challenge, which the front ends show."""
    options: type[Options] = ProfileOptions

    @property
    def is_client(self) -> bool:
        """Whether it calls a service, and so takes the global options."""
        return issubclass(self.options, ProfileOptions)


_PLACES = """\
A place is a new file that only you can read, or one of these, which ask for passphrases themselves:
  pass:ENTRY                  an entry of pass
  keepassxc:DATABASE:ENTRY    an entry of a KeePassXC database, whose password is asked for or a line of stdin
  age:FILE, gpg:FILE          a file that a passphrase opens
  bitwarden:FILE              a file to import into Bitwarden
  1password:FILE              a file for op item create --template
  printable:FILE              a file to print, with a box to tick for each code"""

_STATUS_FIELDS = """\
--json prints an object with these fields; a later version may add others:
  profile, service        the profile, and the service's name
  environmentId           the environment of the service; null if it is not known yet
  email                   the signed-in user; null if there is none
  signedIn                true or false
  challengePending        true or false
  acknowledgementPending  whether the codes are not confirmed yet; null if there are none, or unknown
  saved                   whether this program has saved the codes to a place; null if count is
  rotationInDoubt         whether it is not known if the last rotation replaced the codes
  rotationUnseen          whether the codes were replaced since a rotation was requested here, and the new ones
                          were not shown here: mfa-tui codes shows them
  runningLow              whether three codes or fewer are left; null if count is
  count                   the number of codes left; null if there are none yet, or unknown
  expiresAt               when the stored session expires, in unix seconds; null if there is none"""

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
        "Never prints a code. Ends with 3 if no user is signed in, with 4 if a challenge is pending.\n\n"
        + _STATUS_FIELDS,
        "mfa-tui status --json | jq .count",
        "mfa_tui.cli.commands.status",
        OutputOptions,
    ),
    Command(
        "codes",
        "print the codes, one per line, or save them to a place",
        'With --json in the shape of the API: {"count": 10, "recoveryCodes": ["ABCDEFGHIJ", ...]}.\n\n' + _PLACES,
        "mfa-tui codes --save gpg:codes.gpg && mfa-tui check gpg:codes.gpg",
        "mfa_tui.cli.commands.codes",
        CodesOptions,
    ),
    Command(
        "rotate",
        "replace all codes with new ones, and print or save the new ones",
        "Every unused old code stops working at once. Without --yes it asks first, on the terminal.",
        "mfa-tui rotate --yes --save codes.txt && mfa-tui check codes.txt && mfa-tui acknowledge",
        "mfa_tui.cli.commands.rotate",
        RotateOptions,
    ),
    Command(
        "use",
        "complete the pending challenge with a code from a prompt or one line of stdin, or with a passkey",
        "A session with a pending challenge is not stored, so this signs in first. If the program cannot read the "
        "mail\nitself, it asks for the code from the mail, or reads it from the line of stdin before. If the stored "
        "session is\nvalid, no challenge is pending and no code is used.",
        "mfa-tui use < code.txt",
        "mfa_tui.cli.commands.use",
        UseOptions,
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
        "compare a saved file or another place with the live codes, printing no code",
        "Ends with 0 if every live code is there, with 1 if not.\n\n" + _PLACES,
        "mfa-tui check codes.txt",
        "mfa_tui.cli.commands.check",
        CheckOptions,
    ),
    Command(
        "login",
        "sign in with the code from an e-mail, from a prompt or one line of stdin",
        "If the program can read the mail itself, it does.",
        "mfa-tui login --email me@example.org",
        "mfa_tui.cli.commands.login",
        SignInOptions,
    ),
    Command(
        "logout",
        "end the session and delete it here",
        "If you may not be able to sign in again, it asks first, on the terminal.",
        "mfa-tui logout",
        "mfa_tui.cli.commands.logout",
        ConsentOptions,
    ),
    Command(
        "profiles",
        "list the profiles, make one the default, or remove one",
        "Removing a profile changes nothing at its service, and keeps its session until mfa-tui logout.",
        "mfa-tui profiles use work",
        "mfa_tui.cli.commands.profiles",
        ProfilesOptions,
    ),
    Command(
        "apps",
        "list the authenticator apps, add one, confirm it with its first code, or remove one",
        "add prints the otpauth URI with the key, which no command prints again: pipe it to the app. confirm asks for\n"
        "the code that the app shows, or reads it from one line of stdin. Until then the app passes no challenge.",
        "mfa-tui apps add | qrencode -t UTF8 && mfa-tui apps confirm",
        "mfa_tui.cli.commands.apps",
        AppsOptions,
    ),
    Command(
        "doctor",
        "check terminal, clipboard, configuration, session and service",
        'With --json: {"findings": [{"name": ..., "found": ..., "fix": ...}, ...]}; "fix" is null if nothing is amiss.',
        "mfa-tui doctor",
        "mfa_tui.cli.commands.doctor",
        OutputOptions,
    ),
    Command(
        "completion",
        "print the completion script for a shell",
        "",
        "mfa-tui completion bash > ~/.local/share/bash-completion/completions/mfa-tui",
        "mfa_tui.cli.commands.completion",
        CompletionOptions,
    ),
    Command(
        "serve",
        "run the built-in MFA service over HTTP",
        "Prints its address and its environment. Mail goes to D/outbox/*.eml.",
        "mfa-tui serve --port 8765 --data-dir ./service",
        "mfa_tui.cli.commands.serve",
        ServeOptions,
    ),
    Command(
        "admin",
        "let a user of the built-in service start again, who has lost every second factor",
        "For whoever runs mfa-tui serve, on its machine, also while it runs. Ends the user's sessions and waits, and\n"
        "removes the recovery codes, authenticator apps and passkeys: the next sign-in needs only the code from the\n"
        "e-mail. The service mails a notice to the user. Without --yes it asks first, on the terminal.",
        "mfa-tui admin reset ada@example.org --data-dir ./service",
        "mfa_tui.cli.commands.admin",
        AdminOptions,
    ),
)
"""All commands, in the order of the help."""
