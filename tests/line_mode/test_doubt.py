"""While it is not known whether the codes were replaced, the line mode says so wherever it gives them."""

from dataclasses import replace

import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.line_mode import codes, home


@pytest.fixture
def in_doubt(account: Account) -> Account:
    account._set_state(replace(account.state, rotation_status=RotationStatus.UNKNOWN))
    return account


async def test_codes_in_doubt_are_not_said_as_those_that_work(
    in_doubt: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    await codes.show(in_doubt)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "It is not known whether these codes still work: they may have been replaced."
    assert len([line for line in said if line[0].isdigit()]) == 10


async def test_new_ones_can_be_made_and_the_doubtful_ones_not_be_called_saved(in_doubt: Account) -> None:
    offered = [name for name, _, obstacle in home._jobs(in_doubt) if not obstacle]
    assert "Make new codes, in place of all" in offered
    assert "Prove that the codes are saved" not in offered
