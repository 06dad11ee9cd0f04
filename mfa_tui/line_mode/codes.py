"""Printing, spelling, saving and rotating the recovery codes."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.line_mode.line_ui import LineUI
from mfa_tui.line_mode.spelling import Spelling
from mfa_tui.storage import saved_codes
from mfa_tui.terminal import capabilities, console
from mfa_tui.terminal.stores.places import parse_place
from mfa_tui.workflows import messages
from mfa_tui.workflows import save as workflow
from mfa_tui.workflows.rotate import rotate


async def read(account: Account, ui: LineUI) -> None:
    """Read the codes, and print how many are left and the next step.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    ui.show_progress(messages.READING)
    await account.with_step_up(account.read_codes, partial(ui.step_up, account))
    _show_status(account, ui)


async def print_codes(account: Account, ui: LineUI) -> None:
    """Print the codes, numbered, in groups."""
    await ui.show_codes(account)


async def spell(account: Account, ui: LineUI) -> None:
    """Spell one code, or all of them."""
    codes = account.state.numbered_codes
    typed = console.read_line(f"Type the number of a code, {_range(codes)}, or nothing for all, and press Enter: ")
    wanted = [int(typed)] if typed.isascii() and typed.isdigit() else [] if typed else list(codes)
    if not wanted or not codes.keys() >= set(wanted):
        ui.show("No code has that number.")
        return
    spelling = Spelling("".join(saved_codes.shown_symbols(code) for code in codes.values()))
    ui.print_lines(spelling.case)
    for number in wanted:
        groups = saved_codes.grouped(saved_codes.shown_symbols(codes[number])).split()
        ui.print_lines(f"Code {number}:", *(spelling.of(group) for group in groups))


async def save(account: Account, ui: LineUI) -> None:
    """Save the codes to a new file or another place.

    Raises:
        MfaTuiError: They could not be saved there.
    """
    proposed = saved_codes.unused_path(Path.home())
    ui.show(f"The codes are saved to a new file that only you can read. {messages.SAVE}")
    typed = console.read_line(f"Type its name, or nothing for {formatting.path_name(proposed)}, and press Enter: ")
    await workflow.save(account, ui, parse_place(typed or str(proposed)))


async def print_on_paper(account: Account, ui: LineUI) -> None:
    """Print the codes on paper, if the user confirms.

    Raises:
        PrinterError: The printer did not take them.
    """
    await workflow.print_on_paper(account, ui)


async def rotate_codes(account: Account, ui: LineUI) -> None:
    """Rotate the codes if the user confirms, and print the new ones.

    Raises:
        MfaTuiError: Nothing was replaced, or it is not known whether it was.
    """
    outcome = await rotate(account, ui, capabilities.backup_options())
    if outcome is not None:
        ui.show(messages.rotated(outcome))
        ui.print_lines(messages.stale_copies(account.state))
        _show_advice(account, ui)


def _show_status(account: Account, ui: LineUI) -> None:
    if problem := account.state.codes_problem:
        ui.show(problem)
        return
    if message := messages.reconciled(account.state):
        ui.show(message)
    _show_advice(account, ui)


def _show_advice(account: Account, ui: LineUI) -> None:
    ui.print_lines(messages.with_full_stop(messages.codes_left(account.state)))
    if account.state.stage is Stage.CODES_NOT_CONFIRMED:
        ui.show(messages.NOT_CONFIRMED_YET)
    if advice := messages.low_codes(account.state):
        ui.show(advice)


def _range(numbers: Iterable[int]) -> str:
    """Return the lowest and the highest number, such as `1 to 10`."""
    return f"{min(numbers)} to {max(numbers)}"
