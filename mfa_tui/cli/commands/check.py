"""`mfa-tui check PLACE`: whether a saved file or another place holds the codes that work now."""

import asyncio
from collections.abc import Sequence
from functools import partial

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import CheckOptions
from mfa_tui.client.errors import CodesNotReturnedError
from mfa_tui.errors import ExitCode
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.storage.saved_codes import FoundCodes
from mfa_tui.terminal import console
from mfa_tui.terminal.stores.places import parse_place
from mfa_tui.workflows.save import load

STDIN = "-"
"""Standard input, as a file's name."""


def run(options: CheckOptions) -> ExitCode:
    """Compare a place, such as a file, with the live set, and say how many of its codes work; print none.

    `-` is standard input. Ends with `DONE` if every live code is there, else with `REFUSED`.

    Raises:
        UsageError: There is no such place.
        NotAFileError: It is a folder, or nothing was named.
        CodesNotReturnedError: The service does not list the codes; how many the file holds is said all the same.
        MfaTuiError: Nobody is signed in, a challenge is pending, the service refused or did not answer, or it is
            not known whether the set was replaced.
    """
    saved = asyncio.run(_content(options.place))
    return ExitCode.REFUSED if saved is None else runner.run(options, partial(_check, saved=saved))


async def _content(named: str) -> str | None:
    if named == STDIN:
        return console.read_all(saved_codes.MAX_BYTES).decode(errors="replace")
    return await load(CommandUI(), parse_place(named))


async def _check(account: Account, *, saved: str) -> ExitCode:
    await runner.require_signed_in(account)
    try:
        await account.read_codes()
    except CodesNotReturnedError:
        held = saved_codes.count_codes(saved, ()).others
        console.print_text(f"This copy holds {formatting.count(held, 'code')}; whether they work cannot be told.")
        raise
    if trouble := account.state.codes_problem:
        raise trouble
    codes = account.state.codes
    console.print_message(f"Compared with the codes of {runner.describe(account)}.")
    return _compare(saved, codes.recovery_codes if codes else ())


def _compare(saved: str, live: Sequence[Secret]) -> ExitCode:
    found = saved_codes.count_codes(saved, live)
    missing = len(live) - found.live
    console.print_text(f"work, and are in this copy: {found.live}")
    console.print_text(f"work, and are missing from this copy: {missing}")
    console.print_text(f"are in this copy, and do not work: {found.others}")
    if found.lines_with_others:
        lines = formatting.listing([str(number) for number in found.lines_with_others])
        console.print_text(f"lines with codes that do not work: {lines}")
    console.print_text(_verdict(found, len(live)))
    return ExitCode.DONE if live and not missing else ExitCode.REFUSED


def _verdict(found: FoundCodes, live: int) -> str:
    """Return what the counts come to, and what to do about it."""
    if not live:
        return "No code is left that works: make new ones with mfa-tui rotate."
    if not found.live:
        held = "out of date" if found.others else "no list of your codes"
        return f"This copy is {held}: save the codes again."
    if found.live < live:
        return "This copy is not complete: save the codes again."
    if found.others:
        return "This copy is complete. Cross out the lines that do not work."
    return "This copy is complete."
