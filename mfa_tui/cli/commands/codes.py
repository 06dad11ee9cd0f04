"""`mfa-tui codes`: the codes, one a line or as JSON."""

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

SCROLLBACK = "These codes stay in your terminal's scrollback: clear it once you have them."


def run(options: OutputOptions) -> ExitCode:
    """Print the codes; the service makes a set where there is none.

    Raises:
        MfaTuiError: Nobody is signed in, a challenge is pending, the service refused or did not answer, or it is
            not known whether the set was replaced.
    """
    return runner.run(options, partial(_print_codes, as_json=options.json))


async def _print_codes(account: Account, *, as_json: bool) -> ExitCode:
    await runner.enter_fully(account)
    await account.read_codes()
    show(account, as_json=as_json)
    return ExitCode.DONE


def show(account: Account, *, as_json: bool) -> None:
    """Print the codes that were read, and on stderr what there is to know of them.

    The JSON is the wire's own: `{"count": 10, "recoveryCodes": ["ABCDEFGHIJ", …]}`.

    Raises:
        MfaTuiError: It is not known whether they are the ones that work, or the service does not show them.
        OutputLostError: They could not be written.
    """
    trouble = account.state.codes_problem
    codes = account.state.codes
    if trouble is not None or codes is None:
        raise trouble or NewCodesNotReturnedError
    if said := messages.reconciled(account.state):
        console.print_message(str(said))
    if sys.stdout.isatty():
        console.print_message(SCROLLBACK)
    console.print_text(
        codec.encode(codes).decode() if as_json else "\n".join(code.reveal() for code in codes.recovery_codes)
    )
