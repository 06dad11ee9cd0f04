"""`mfa-tui codes`: print the codes, one per line or as JSON."""

import sys
from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.errors import NewCodesNotReturnedError
from mfa_tui.cli import runner
from mfa_tui.cli.options import OutputOptions
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import codec
from mfa_tui.terminal import console
from mfa_tui.workflows import messages


def run(options: OutputOptions) -> ExitCode:
    """Print the codes; the service creates a set if none exists.

    Raises:
        MfaTuiError: No user is signed in, a challenge is pending, the service refused or did not respond, or it is
            not known whether the set was replaced.
    """
    return runner.run(options, partial(_print_codes, as_json=options.json))


async def _print_codes(account: Account, *, as_json: bool) -> ExitCode:
    await runner.require_signed_in(account)
    await account.read_codes()
    show(account, as_json=as_json)
    return ExitCode.DONE


def show(account: Account, *, as_json: bool) -> None:
    """Print the codes of the state to stdout, and the messages about them to stderr.

    The JSON has the API's shape: `{"count": 10, "recoveryCodes": ["ABCDEFGHIJ", …]}`.

    Raises:
        MfaTuiError: It is not known whether they work, or the service does not return them.
        OutputLostError: They could not be written.
    """
    problem = account.state.codes_problem
    codes = account.state.codes
    if problem is not None or codes is None:
        raise problem or NewCodesNotReturnedError
    if message := messages.reconciled(account.state):
        console.print_message(str(message))
    if sys.stdout.isatty():
        console.print_message(messages.SCROLLBACK)
    console.print_text(
        codec.encode(codes).decode() if as_json else "\n".join(code.reveal() for code in codes.recovery_codes)
    )
