"""Shorter waits for tests."""

from dataclasses import replace

from mfa_tui.account.account import Account
from mfa_tui.timing import Timing

FAST = Timing(reconcile_delays=(0.0, 0.0, 0.0))


def set_timing(account: Account, **waits: float | tuple[float, ...]) -> None:
    """Change waits of an open account."""
    account._timing = replace(account._timing, **waits)  # type: ignore[arg-type]  # mypy does not check ** here
