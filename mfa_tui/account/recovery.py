"""The recovery codes: read, rotate, acknowledge."""

from dataclasses import replace

import msgspec

from mfa_tui.account.account import Account
from mfa_tui.dynamic.errors import DynamicError

SET_SIZE = 10
"""How many codes the service makes at a time. Source: the vendor's docs."""


async def read(account: Account) -> None:
    """Read the set; the service makes one where there is none.

    Raises:
        DynamicError: The service refused, or did not answer; the state is as it was.
    """
    codes = await account.client.get_mfa_recovery_codes(account.token)
    account.become(replace(account.state, codes=codes))
    session = account.state.session
    if session is not None and session.user.mfa_backup_code_acknowledgement is None:
        # Reading may have made the set, which is then pending: only the user says so.
        account.update_user(await account.client.get_user(account.token))


async def rotate(account: Account) -> None:
    """Make a new set. Every unused code of the old one is dead at once.

    Sent once, and never again by itself.

    Raises:
        OutcomeUnknown: The old codes may be dead, with new ones that did not arrive.
        DynamicError: It did not happen.
    """
    codes = await account.client.create_new_mfa_recovery_codes(account.token)
    account.become(replace(account.state, codes=codes))
    await _read_acknowledgement(account)


async def acknowledge(account: Account) -> None:
    """Tell the service that the person has saved the codes.

    Raises:
        DynamicError: The service refused, or did not answer.
    """
    answer = await account.client.acknowledge_recovery_codes(account.token)
    account.begin_from(answer)


async def _read_acknowledgement(account: Account) -> None:
    """Learn that the new set is pending, which the answer to a rotation does not say.

    Where the service does not answer it is taken as pending: asking once too often to save codes is harmless.
    """
    session = account.state.session
    try:
        user = await account.client.get_user(account.token)
    except DynamicError:
        if session is None:
            return
        user = msgspec.structs.replace(session.user, mfa_backup_code_acknowledgement="pending")
    account.update_user(user)


def left(account: Account) -> str:
    """Return how many codes are left of how many, as words; empty where they were not read."""
    codes = account.state.codes
    if codes is None:
        return ""
    return f"{codes.count} of {max(SET_SIZE, codes.count)} left"
