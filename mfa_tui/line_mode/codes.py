"""The recovery codes: hearing them, and making new ones."""

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus, Stage
from mfa_tui.line_mode.attempt import attempt
from mfa_tui.line_mode.dialog import confirm, say, tell
from mfa_tui.line_mode.spelling import Spelling
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.terminal import capabilities, console
from mfa_tui.workflows import messages

_LONGEST_CODE = 64


async def read(account: Account) -> None:
    """Read the codes, and find out what came of a rotation whose answer was lost.

    Raises:
        MfaTuiError: The service refused, or did not answer.
    """
    say("Reading your codes.")
    await attempt(account, account.read_codes)
    sum_up(account)


def sum_up(account: Account) -> None:
    """Say how many codes are left, and what is to be done about them."""
    if trouble := account.state.codes_problem:
        tell(trouble)
        return
    say(str(messages.reconciled(account.state) or ""))
    _advise(account)


async def show(account: Account) -> None:
    """Say the codes, numbered, in groups."""
    if account.state.rotation_status is RotationStatus.UNKNOWN:
        say("It is not known whether these codes still work: they may have been replaced.")
    say("These are the codes:" if _codes(account) else "No code is left.")
    for number, code in enumerate(_codes(account), start=1):
        console.print_text(f"{number}. {saved_codes.grouped(_symbols(code))}")
    say("They stay in your terminal's scrollback: clear it once you have them.")


async def spell(account: Account) -> None:
    """Spell a code, or all, in groups."""
    codes = _codes(account)
    typed = console.read_line(f"Type the number of a code, 1 to {len(codes)}, or nothing for all, and press Enter: ")
    wanted = [int(typed)] if typed.isascii() and typed.isdigit() else range(1, len(codes) + 1) if not typed else []
    if not wanted or not all(1 <= number <= len(codes) for number in wanted):
        say("There is no code of that number.")
        return
    spelling = Spelling("".join(_symbols(code) for code in codes))
    say(spelling.case)
    for number in wanted:
        groups = saved_codes.grouped(_symbols(codes[number - 1])).split()
        say(f"Code {number}:", *(spelling.of(group) for group in groups))


async def rotate(account: Account) -> None:
    """Make a new set, once the person has said so.

    Raises:
        MfaTuiError: It did not happen, or its outcome is not known.
    """
    say("Looking whether all is ready.")
    readiness = await attempt(account, lambda: account.prepare_rotation(capabilities.backup_options()))
    say(*readiness.problems, readiness.consequence, readiness.checks_passed)
    if not confirm("Replace all recovery codes?", stay="Keep the existing codes", go_on="Replace them"):
        say("Nothing was changed.", "Your existing codes remain valid.")
        return
    say("Making new codes.", "Stay until they are here.")
    await attempt(account, account.create_new_mfa_recovery_codes)
    if account.state.codes_problem is not None or account.state.rotation_status is RotationStatus.NOT_ROTATED:
        sum_up(account)
        return
    say(str(messages.reconciled(account.state) or ""))
    await show(account)
    _advise(account)


def _advise(account: Account) -> None:
    left = messages.codes_left(account.state)
    say(f"{left}." if left else "")
    if account.state.stage is Stage.CODES_NOT_CONFIRMED:
        say("Not saved yet.", "Keep them where you can reach them without your phone, then prove that they are saved.")
    say(str(messages.low_codes(account.state) or ""))


def _codes(account: Account) -> tuple[Secret, ...]:
    return account.state.codes.recovery_codes if account.state.codes else ()


def _symbols(code: Secret) -> str:
    return sanitize.one_line(code.reveal(), _LONGEST_CODE)
