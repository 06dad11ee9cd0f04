"""Doing what may be refused for want of a fresh factor or a session."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mfa_tui.account import session
from mfa_tui.account.account import Account
from mfa_tui.dynamic.errors import ElevationRequired, NotSignedIn
from mfa_tui.plain import factor

Result = TypeVar("Result")


async def attempt(account: Account, job: Callable[[], Awaitable[Result]]) -> Result:
    """Do the job; where it was refused for want of a fresh factor or a session, get one and do it again.

    A refusal changed nothing, so that doing it again is safe.

    Raises:
        MfaTuiError: It was refused all the same, or went wrong otherwise.
    """
    try:
        return await job()
    except ElevationRequired:
        if not await factor.step_up(account):
            raise
    except NotSignedIn:
        if not await session.take_over(account):
            raise
    return await job()
