"""Keeping the codes, and proving that they are kept."""

import asyncio
from pathlib import Path

from mfa_tui import sanitize
from mfa_tui.account import verification
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.line_mode.attempt import attempt
from mfa_tui.line_mode.dialog import say
from mfa_tui.storage import saved_codes
from mfa_tui.terminal import console, printer
from mfa_tui.workflows import messages


async def save(account: Account) -> None:
    """Save the codes to a new file.

    Raises:
        StorageError: It could not be written.
    """
    proposed = saved_codes.unused_path(Path.home())
    say("The codes go to a new file, which only you will be able to read.")
    typed = console.read_line(
        f"Type its name, or nothing for {sanitize.one_line(str(proposed), 200)}, and press Enter: "
    )
    path = saved_codes.parse_path(typed) if typed else proposed
    await asyncio.to_thread(saved_codes.write, path, messages.codes_sheet(account))
    say(
        f"Saved to {sanitize.one_line(str(path), 200)}.",
        "Move it to where you will find it without this machine.",
        "Then prove that it is saved." if account.state.stage is Stage.CODES_NOT_CONFIRMED else "",
    )


async def print_out(account: Account) -> None:
    """Print the codes.

    Raises:
        PrinterError: The printer did not take them.
    """
    say("Printing.")
    await printer.print_text(messages.codes_sheet(account))
    say("Sent to the printer.")
    if account.state.stage is Stage.CODES_NOT_CONFIRMED:
        say("With the paper in hand, prove that they are saved.")


async def prove(account: Account) -> None:
    """Ask how two of the codes end; if that is right, tell the service that they are saved.

    Raises:
        MfaTuiError: The service refused, or did not answer.
    """
    codes = account.state.codes.recovery_codes if account.state.codes else ()
    say("Look where you saved them.", "This is checked here: nothing is sent, and no code is spent by it.")
    for question in verification.questions(codes):
        if not _is_answered(question):
            say("The codes still count as not saved.")
            return
    say("Right.", "Telling the service.")
    await attempt(account, account.acknowledge_recovery_codes)
    say("Saved.", "From now on each sign-in asks for a second factor.")


def _is_answered(question: verification.Question) -> bool:
    """Ask until the answer is right, or nothing."""
    prompt = (
        f"Type the last {verification.LENGTH} characters of code {question.number}, which do not show, "
        "or nothing to go back, and press Enter: "
    )
    while typed := console.read_secret(prompt):
        if question.is_answered_by(typed.reveal()):
            return True
        say(f"That is not how code {question.number} ends.", "Look again where you saved it.")
    return False
