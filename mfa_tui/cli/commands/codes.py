"""`mfa-tui codes`: print the codes, one per line or as JSON, or save them to a place."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.errors import NewCodesNotReturnedError
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import CodesOptions
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import codec, models
from mfa_tui.terminal import console
from mfa_tui.terminal.stores.places import parse_place
from mfa_tui.terminal.stores.store import CodeStore
from mfa_tui.workflows import messages
from mfa_tui.workflows.save import prepare, save_prepared


class SavedReport(models.Message, frozen=True, kw_only=True):
    """The output with `--save` and `--json`, which names no code."""

    count: int
    saved: str
    """The place."""


def run(options: CodesOptions) -> ExitCode:
    """Print the codes, or save them to a new place; the service creates a set if none exists.

    Raises:
        UsageError: The place has no valid name, or its program is not installed.
        MfaTuiError: No user is signed in, a challenge is pending, the service refused or did not respond, it is not
            known whether the set was replaced, or the codes could not be saved.
    """
    store = None if options.save is None else parse_place(options.save)
    if store is None:
        return runner.run(options, partial(_print_codes, as_json=options.json))
    return runner.run(options, partial(_save_codes, store=store, as_json=options.json))


async def _print_codes(account: Account, *, as_json: bool) -> ExitCode:
    await runner.require_signed_in(account)
    await account.read_codes()
    await show(account, as_json=as_json)
    return ExitCode.DONE


async def _save_codes(account: Account, *, store: CodeStore, as_json: bool) -> ExitCode:
    ui = CommandUI()
    password = await prepare(ui, store)
    if password is None:
        return ExitCode.REFUSED
    await runner.require_signed_in(account)
    await account.read_codes()
    _live_codes(account)
    await save_prepared(account, ui, store, password)
    if as_json:
        console.print_text(saved_report(account, store))
    return ExitCode.DONE


def saved_report(account: Account, store: CodeStore) -> str:
    """Return where the codes of the state were saved, as JSON."""
    count = account.state.codes.count if account.state.codes else 0
    return codec.encode(SavedReport(count=count, saved=store.name)).decode()


async def show(account: Account, *, as_json: bool) -> None:
    """Print the codes of the state to stdout, and the messages about them to stderr; report it to the account.

    The JSON has the API's shape: `{"count": 10, "recoveryCodes": ["ABCDEFGHIJ", …]}`.

    Raises:
        MfaTuiError: It is not known whether they work, or the service does not return them.
        OutputLostError: They could not be written.
    """
    codes = _live_codes(account)
    if not codes.count:
        console.print_message(str(messages.NO_CODES_LEFT))
    elif console.is_output_terminal():
        console.print_message(messages.SCROLLBACK)
    if as_json:
        console.print_text(codec.encode(codes).decode())
    elif codes.count:
        console.print_text("\n".join(code.reveal() for code in codes.recovery_codes))
    await account.mark_shown(codes)


def _live_codes(account: Account) -> models.RecoveryCodes:
    """Return the codes of the state; if they are not those that were known, print how they came to be first.

    Raises:
        MfaTuiError: It is not known whether they work, or the service does not return them.
    """
    problem, codes = account.state.codes_problem, account.state.codes
    if problem is not None or codes is None:
        raise problem or NewCodesNotReturnedError
    if message := messages.reconciled(account.state):
        console.print_message(str(message))
    return codes
