"""The lines about a service that does not answer."""

import asyncio

import pytest

from mfa_tui.account.account import Account
from mfa_tui.terminal import console
from mfa_tui.timing import Timing
from mfa_tui.workflows.waiting import reporting_waits
from tests.support.transport import READ, FaultyTransport, stuck

TIMING = Timing(long_wait=0.02, wait_report=0.02)


@pytest.mark.parametrize("is_terminal", [True, False])
async def test_wait_is_reported_on_a_terminal_again_and_again(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    printed: list[str] = []
    monkeypatch.setattr(console, "is_error_terminal", lambda: is_terminal)
    monkeypatch.setattr(console, "print_message", printed.append)
    network.faults[READ] = stuck
    async with reporting_waits(account, TIMING):
        task = asyncio.create_task(account.read_codes())
        await asyncio.sleep(0.2)
        task.cancel()
    assert printed[:2] == ["The service has not answered for 0 s. Ctrl+C ends the wait."] * (2 * is_terminal)
    assert is_terminal == bool(printed)
