"""`mfa-tui check FILE`: whether a saved file holds the codes that work now."""

import argparse
from collections.abc import Sequence
from functools import partial

from mfa_tui import text, words
from mfa_tui.account import ending, recovery
from mfa_tui.account.account import Account
from mfa_tui.dynamic.errors import Withheld
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.secrecy import Secret
from mfa_tui.storage import private_file, saved_codes
from mfa_tui.storage.saved_codes import Found
from mfa_tui.terminal import lines
from mfa_tui.verbs import job

STDIN = "-"
"""Standard input, as a file's name."""


def run(arguments: argparse.Namespace) -> ExitCode:
    """Compare a file, ours or any text, with the live set, and say how many of its codes work; print none.

    `-` is standard input. Ends with `DONE` if every live code is in the file, else with `REFUSED`.

    Raises:
        UsageError: There is no such file.
        NotAFileError: It is a folder, or nothing was named.
        Withheld: The service does not list the codes; how many the file holds is said all the same.
        MfaTuiError: Nobody is signed in, a challenge is pending, the service refused or did not answer, or it is
            not known whether the set was replaced.
    """
    return job.run(arguments, partial(_check, saved=_content(arguments.file).decode(errors="replace")))


def _content(named: str) -> bytes:
    if named == STDIN:
        return lines.take_all(saved_codes.LARGEST)
    path = saved_codes.path_of(named)
    saved_codes.require_file(path)
    raw = private_file.read(path, saved_codes.LARGEST)
    if raw is None:
        raise UsageError(
            f"There is no file {text.one_line(str(path), 200)}.", next_step="Name the file with the codes."
        )
    return raw


async def _check(account: Account, *, saved: str) -> ExitCode:
    await job.enter_fully(account)
    try:
        await recovery.read(account)
    except Withheld:
        held = saved_codes.find(saved, ()).others
        lines.say(f"The file holds {words.count(held, 'code')}; whether they work cannot be told.")
        raise
    if trouble := ending.trouble(account.state):
        raise trouble
    codes = account.state.codes
    lines.note(f"Compared with the codes of {job.whose(account)}.")
    return _compare(saved, codes.recovery_codes if codes else ())


def _compare(saved: str, live: Sequence[Secret]) -> ExitCode:
    found = saved_codes.find(saved, live)
    missing = len(live) - found.live
    lines.say(f"work, and are in the file: {found.live}")
    lines.say(f"work, and are missing from the file: {missing}")
    lines.say(f"are in the file, and do not work: {found.others}")
    lines.say(_verdict(found, len(live)))
    return ExitCode.DONE if live and not missing else ExitCode.REFUSED


def _verdict(found: Found, live: int) -> str:
    """Return what the counts come to, and what to do about it."""
    if not live:
        return "No code is left that works: make new ones with mfa-tui rotate."
    if not found.live:
        held = "out of date" if found.others else "no list of your codes"
        return f"This file is {held}: save the codes again."
    if found.live < live:
        return "This file is not complete: save the codes again."
    if found.others:
        return "This file is complete. Cross out the codes in it that do not work."
    return "This file is complete."
