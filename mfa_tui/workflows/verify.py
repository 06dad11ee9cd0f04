"""Verifying that the codes are saved, and confirming it to the service."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.errors import UnseenCodesError
from mfa_tui.account.verification import Question, questions
from mfa_tui.client.errors import RecoveryCodesChangedError
from mfa_tui.protocol import models
from mfa_tui.workflows import messages
from mfa_tui.workflows.prompt_ui import PromptUI
from mfa_tui.workflows.ui import UI


async def verify_saved(account: Account, ui: PromptUI) -> bool:
    """Ask for the last characters of two codes; if they are right, confirm to the service that the codes are saved.

    Returns whether the codes are confirmed. If the live set is another one by then, it is shown instead.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    verified = account.state.codes
    ui.show(messages.VERIFY)
    for question in questions(account.state.numbered_codes):
        if not await _ask(question, ui):
            ui.show(messages.NOT_CONFIRMED)
            return False
    try:
        await confirm_saved(account, ui, verified)
    except (RecoveryCodesChangedError, UnseenCodesError) as error:
        ui.show(error)
        await ui.show_codes(account)
        return False
    return True


async def confirm_saved(account: Account, ui: UI, shown: models.RecoveryCodes | None = None) -> None:
    """Confirm to the service that the codes are saved.

    `shown` has the codes that the user has; by default those that the record of the set says were shown.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    ui.show_progress(messages.CONFIRMING)
    await account.with_step_up(partial(account.acknowledge_recovery_codes, shown), partial(ui.step_up, account))
    ui.show(messages.CONFIRMED)


async def _ask(question: Question, ui: PromptUI) -> bool:
    while answer := await ui.read_secret(messages.verification_label(question)):
        if question.is_answered_by(answer.reveal()):
            return True
        ui.show(messages.wrong_verification(question))
    return False
