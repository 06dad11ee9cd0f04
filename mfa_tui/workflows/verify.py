"""Verifying that the codes are saved, and confirming it to the service."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.verification import Question, questions
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, PromptUI


async def verify_saved(account: Account, ui: PromptUI) -> bool:
    """Ask for the last characters of two codes; if they are right, confirm to the service that the codes are saved.

    Returns whether the codes are confirmed.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    codes = account.state.codes.recovery_codes if account.state.codes else ()
    ui.show(messages.VERIFY)
    for question in questions(codes):
        if not await _ask(question, ui):
            ui.show(messages.NOT_CONFIRMED)
            return False
    await confirm_saved(account, ui)
    return True


async def confirm_saved(account: Account, ui: UI) -> None:
    """Confirm to the service that the codes are saved.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    ui.show_progress(messages.CONFIRMING)
    await account.with_step_up(account.acknowledge_recovery_codes, partial(ui.step_up, account))
    ui.show(messages.CONFIRMED)


async def _ask(question: Question, ui: PromptUI) -> bool:
    while answer := await ui.read_secret(messages.verification_label(question)):
        if question.is_answered_by(answer.reveal()):
            return True
        ui.show(messages.wrong_verification(question))
    return False
