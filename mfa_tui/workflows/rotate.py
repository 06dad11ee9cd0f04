"""Rotating the recovery codes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.errors import RotationUnknownError, UnseenCodesError
from mfa_tui.account.rotation import Readiness, RotationOutcome
from mfa_tui.account.state import RotationStatus
from mfa_tui.errors import MfaTuiError
from mfa_tui.workflows import messages
from mfa_tui.workflows.errors import (
    NewCodesLostError,
    NotRotatedError,
    ReplacedAgainError,
    RotationUncheckedError,
    RotationUndeterminedError,
)
from mfa_tui.workflows.ui import UI, Confirmation


async def rotate(
    account: Account,
    ui: UI,
    backup_options: Sequence[str],
    during_request: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it has no state
) -> RotationOutcome | None:
    """Check that a rotation is safe, ask the user, replace the set, and show the new codes; None if the user declined.

    Returns only if the new codes are shown and were read back as the live ones. `during_request` is entered while the
    request is under way.

    Raises:
        UnseenCodesError: An earlier rotation did replace the set; it was not replaced again.
        NewCodesLostError: The set was replaced, and the new codes could not be shown or saved.
        MfaTuiError: Nothing was replaced, or it is not certain that the shown codes work.
    """
    readiness = await prepare(account, ui, backup_options)
    if readiness.found_unseen_codes:
        raise UnseenCodesError
    if not await ui.confirm(confirmation(readiness)):
        ui.show(messages.not_rotated(account.state))
        return None
    ui.show_progress(messages.ROTATING)
    with during_request:
        outcome = await account.with_step_up(account.create_new_mfa_recovery_codes, partial(ui.step_up, account))
    await _finish(account, ui, outcome)
    return outcome


async def _finish(account: Account, ui: UI, outcome: RotationOutcome) -> None:
    """Show the codes of a rotation, and read the set back once.

    Raises:
        NewCodesLostError: The set was replaced, and the new codes could not be shown or saved.
        MfaTuiError: Nothing was replaced, or it is not certain that the shown codes work.
    """
    if outcome.status is RotationStatus.NOT_ROTATED:
        raise NotRotatedError
    if outcome.codes is None or outcome.status is RotationStatus.UNKNOWN:
        raise account.state.codes_problem or RotationUnknownError
    try:
        await ui.show_codes(account)
    except MfaTuiError as error:
        raise NewCodesLostError(error) from None
    match await account.check_rotation(outcome.codes):
        case RotationStatus.NOT_ROTATED:
            raise NotRotatedError
        case RotationStatus.ELSEWHERE:
            raise ReplacedAgainError
        case RotationStatus.UNKNOWN:
            raise RotationUncheckedError
    if outcome.status is RotationStatus.UNDETERMINED:
        raise RotationUndeterminedError


async def prepare(account: Account, ui: UI, backup_options: Sequence[str]) -> Readiness:
    """Check that a rotation is safe.

    Raises:
        NotSignedInError: The session has ended.
        RotationUnderWayError: An earlier rotation may still be under way.
        StorageError: The record of the set could not be read.
    """
    ui.show_progress(messages.CHECKING)
    return await account.with_step_up(lambda: account.prepare_rotation(backup_options), partial(ui.step_up, account))


def confirmation(readiness: Readiness) -> Confirmation:
    """Return the question before a rotation."""
    return Confirmation(
        question="Replace all recovery codes?",
        consequences=(*readiness.problems, messages.rotation_consequence(readiness.unused)),
        cancel="Keep the existing codes" if readiness.unused != 0 else "Not now",
        confirm="Replace them",
        action="replace them",
        reassurance=readiness.checks_passed,
    )
