"""Waiting for a service that does not answer: a report line by line, and what is not known yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mfa_tui.account.account import Account
from mfa_tui.client.messages import Operation, no_answer, outcome_unknown
from mfa_tui.formatting import Message
from mfa_tui.terminal import console
from mfa_tui.timing import DEFAULT_TIMING, Timing


@asynccontextmanager
async def reporting_waits(account: Account, timing: Timing = DEFAULT_TIMING) -> AsyncIterator[None]:
    """Print a line to stderr, if it is a terminal, whenever the service has not answered for some seconds more."""
    reporter = asyncio.create_task(_report(account, timing)) if console.is_error_terminal() else None
    try:
        yield
    finally:
        if reporter is not None:
            reporter.cancel()


async def _report(account: Account, timing: Timing) -> None:
    due = timing.long_wait
    while True:
        waited = max((request.seconds for request in account.client.pending), default=0.0)
        if waited >= due:
            console.print_message(f"{no_answer(waited)} Ctrl+C ends the wait.")
            due += timing.wait_report
        elif waited < timing.long_wait:
            due = timing.long_wait  # another request
        await asyncio.sleep(timing.long_wait / 2)


def cannot_cancel(operation: Operation) -> Message:
    """Return that a request cannot be cancelled, and what is not known about it."""
    impact = outcome_unknown(operation).impact
    return Message(
        "It was sent already, so it cannot be cancelled", f"{impact} The wait for its response ends within a minute."
    )
