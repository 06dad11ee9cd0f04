"""Rotating the recovery codes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.errors import UnseenCodesError
from mfa_tui.account.rotation import Readiness, RotationOutcome
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, Confirmation


async def rotate(
    account: Account,
    ui: UI,
    backup_options: Sequence[str],
    during_request: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it has no state
) -> RotationOutcome | None:
    """Check that a rotation is safe, ask the user, and replace the set; None if the user declined.

    `during_request` is entered while the request is under way.

    Raises:
        UnseenCodesError: An earlier rotation did replace the set; it was not replaced again.
        MfaTuiError: Nothing was replaced.
    """
    readiness = await prepare(account, ui, backup_options)
    if readiness.found_unseen_codes:
        raise UnseenCodesError
    if not await ui.confirm(confirmation(readiness)):
        ui.show(messages.NOT_ROTATED)
        return None
    ui.show_progress(messages.ROTATING)
    with during_request:
        return await account.with_step_up(account.create_new_mfa_recovery_codes, partial(ui.step_up, account))


async def prepare(account: Account, ui: UI, backup_options: Sequence[str]) -> Readiness:
    """Check that a rotation is safe.

    Raises:
        NotSignedInError: The session has ended.
        StorageError: The journal could not be read.
    """
    ui.show_progress(messages.CHECKING)
    return await account.with_step_up(lambda: account.prepare_rotation(backup_options), partial(ui.step_up, account))


def confirmation(readiness: Readiness) -> Confirmation:
    """Return the question before a rotation."""
    return Confirmation(
        question="Replace all recovery codes?",
        consequences=(*readiness.problems, messages.rotation_consequence(readiness.unused)),
        cancel="Keep the existing codes",
        confirm="Replace them",
        action="replace them",
        reassurance=readiness.checks_passed,
    )
