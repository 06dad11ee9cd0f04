"""Doing what may be refused for want of a fresh factor, which is asked for line by line."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from mfa_tui.account.account import Account
from mfa_tui.line_mode import factor

Result = TypeVar("Result")


async def attempt(account: Account, job: Callable[[], Awaitable[Result]]) -> Result:
    """Do the job; where it was refused for want of a fresh factor or a session, get one and do it again.

    Raises:
        MfaTuiError: It was refused all the same, or went wrong otherwise.
    """
    return await account.with_step_up(job, partial(factor.step_up, account))
