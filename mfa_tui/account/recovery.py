"""The recovery codes: read them, and say that they are saved."""

from dataclasses import replace
from datetime import UTC, datetime

from mfa_tui import sanitize
from mfa_tui.account import rotation, rotation_outcome
from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationOutcome
from mfa_tui.client.errors import ChallengePendingError, NotSignedInError
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol import models
from mfa_tui.storage import saved_codes

LOW_CODES = 3
"""With this many codes left, it is time for new ones."""


async def read(account: Account) -> None:
    """Read the set; the service makes one where there is none.

    Where the outcome of a rotation is not known yet, this finds it out: `state.rotation_outcome` says it.

    Raises:
        ApiError: The service refused, or did not answer; the state is as it was.
        StorageError: The rotation journal could not be read.
    """
    if await _settle(account):
        return
    account.become(replace(account.state, codes=await _read_as_of_now(account), rotation_outcome=None))
    if account.user.mfa_backup_code_acknowledgement is None:
        # Reading may have made the set, which is then pending: only the user says so.
        account.update_user(await account.client.get_user(account.token))


async def acknowledge(account: Account) -> None:
    """Tell the service that the person has saved the codes; no rotation is open then.

    Where the outcome of a rotation is not known yet, this finds it out first: nobody can have saved what nobody saw.

    Raises:
        RotationUnknownError: The outcome cannot be found out now.
        UnseenCodesError: There is a new set, which nobody has seen yet.
        ApiError: The service refused, or did not answer.
        StorageError: The rotation journal could not be removed; the service knows all the same.
    """
    if await _settle(account):
        rotation_outcome.require_old_set(account.state)
    with account.consume_step_up() as step_up:
        answer = await account.client.acknowledge_recovery_codes(account.token, step_up)
    account.begin_from(answer)
    account.become(replace(account.state, rotation_outcome=None))
    account.journal.close(account.user.id)


def sheet(account: Account) -> str:
    """Return the codes as a text to keep: whose, where, when, how many, and that each works once.

    Where it is not known whether they were replaced, it says so first.
    """
    codes = account.state.codes.recovery_codes if account.state.codes else ()
    header = [
        ("account", sanitize.one_line(account.state.email, 254)),
        ("service", account.place),
        ("environment", sanitize.one_line(account.user.project_environment_id, 64)),
        ("saved", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("codes", str(len(codes))),
    ]
    if account.state.rotation_outcome is RotationOutcome.UNKNOWN:
        header.insert(0, ("in doubt", "these may have been replaced: mfa-tui codes finds out"))
    return saved_codes.format_sheet(header, codes)


def count_message(account: Account) -> str:
    """Return how many codes are left of how many, as words; empty where they were not read."""
    codes = account.state.codes
    if codes is None:
        return ""
    return f"{codes.count} of {max(models.SET_SIZE, codes.count)} left"


async def count_left(account: Account) -> str:
    """Read the set anew, and return how many codes are left, as `left` does; empty where it could not be read.

    For after what has succeeded: that the count is not known takes nothing back.
    """
    try:
        await read(account)
    except MfaTuiError:
        return ""
    return count_message(account)


def low_codes_message(account: Account) -> Message | None:
    """Return what to do where few codes are left; None where there are enough, or it is not known."""
    codes = account.state.codes
    if codes is None or codes.count > LOW_CODES:
        return None
    if codes.count == 0:
        return Message("No code is left", "Make new ones: without any, a lost phone locks you out.")
    if codes.count == 1:
        return Message("This is the last one", "Make new ones now: once it is used, a lost phone locks you out.")
    return Message(f"Only {codes.count} are left", "Make new ones before these run out.")


async def _read_as_of_now(account: Account) -> models.RecoveryCodes:
    """Return the set; one that was read while a code was used is of before, and is read again."""
    while True:
        forgotten = account.forgotten
        codes = await account.client.get_mfa_recovery_codes(account.token)
        if forgotten == account.forgotten:
            return codes


async def _settle(account: Account) -> bool:
    """Settle a rotation whose outcome is not known; return whether there was one.

    Raises:
        NotSignedInError: The session has ended: a new one is needed to find out.
        ChallengePendingError: So is a factor.
    """
    unsettled = rotation.open_rotation(account)
    if unsettled is None:
        return False
    trouble = await rotation.reconcile(account, unsettled)
    if isinstance(trouble, NotSignedInError | ChallengePendingError):
        raise trouble
    return True
