"""Doing what may be refused for want of a fresh factor or a session."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mfa_tui.account import session
from mfa_tui.account.account import Account
from mfa_tui.client.errors import NotSignedInError, StepUpRequiredError
from mfa_tui.errors import MfaTuiError

Result = TypeVar("Result")

RequestStepUp = Callable[[], Awaitable[bool]]
"""Has the person give a factor once more; returns whether they did."""


class StepUpDeclinedError(MfaTuiError):
    """An action that takes a step-up got none, and was not done."""

    def __init__(self) -> None:
        super().__init__(
            "This was not done: it takes a factor once more.",
            impact="Your codes are as they were, but for one that was typed for it.",
            hint="Try again with an authenticator code, or a recovery code.",
        )


async def with_step_up(account: Account, job: Callable[[], Awaitable[Result]], step_up: RequestStepUp) -> Result:
    """Do the job; where it was refused for want of a fresh factor or a session, get one and do it again.

    A refusal changed nothing, so that doing it again is safe. A job that asks the person something wraps what comes
    after in an attempt of its own, so as not to ask twice.

    Raises:
        StepUpDeclinedError: No factor was given, or the service did not take it for this.
        MfaTuiError: It was refused all the same, or went wrong otherwise.
    """
    try:
        return await job()
    except StepUpRequiredError:
        if not await step_up():
            raise StepUpDeclinedError from None
    except NotSignedInError:
        if not await session.take_over(account):
            raise
    try:
        return await job()
    except StepUpRequiredError:
        raise StepUpDeclinedError from None
