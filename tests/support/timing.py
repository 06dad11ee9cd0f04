"""Shorter waits for tests."""

from mfa_tui.account.account import Account
from mfa_tui.timing import Timing

FAST = Timing(reconcile_delays=(0.0, 0.0, 0.0))


def set_timing(account: Account, **waits: float | tuple[float, ...]) -> None:
    """Change waits of an open account."""
    account._timing = account._timing._replace(**waits)  # type: ignore[arg-type]  # mypy does not check ** here
