"""The menu and the codes while it is not known whether they were replaced."""

import pytest
from msgspec.structs import replace

from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.line_mode import codes, menu
from mfa_tui.line_mode.line_ui import LineUI


@pytest.fixture
def unknown(account: Account) -> Account:
    """An account for which it is not known whether its codes were replaced."""
    account._set_state(replace(account.state, rotation_status=RotationStatus.UNKNOWN))
    return account


async def test_codes_that_may_be_replaced_are_printed_with_a_warning(
    unknown: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    await codes.print_codes(unknown, LineUI())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "It is not known whether these codes still work: they may have been replaced."
    assert len([line for line in lines if line[0].isdigit()]) == 10


async def test_menu_offers_rotation_but_not_verification_of_unknown_codes(unknown: Account) -> None:
    possible = [name for name, _, obstacle in menu._actions(unknown) if not obstacle]
    assert "Rotate: replace all codes with new ones" in possible
    assert "Verify that the codes are saved" not in possible
