import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import parse_code
from mfa_tui.workflows import messages
from mfa_tui.workflows.sign_in import sign_out
from tests.support.scripted_ui import ScriptedUI


async def use_up_all_codes(account: Account) -> None:
    assert account.state.codes is not None
    for code in account.state.codes.recovery_codes:
        await account.authenticate(parse_code(code.reveal()), step_up=True)


async def test_sign_out_asks_if_codes_are_not_confirmed(account: Account) -> None:
    ui = ScriptedUI(False)
    assert not await sign_out(account, ui)
    assert ui.confirmations[0].consequences == (messages.RISK_NOT_CONFIRMED,)
    assert account.state.stage is Stage.CODES_NOT_CONFIRMED


async def test_sign_out_asks_if_no_factor_is_left(account: Account) -> None:
    await account.acknowledge_recovery_codes(account.state.codes)
    await use_up_all_codes(account)
    ui = ScriptedUI(True)
    assert await sign_out(account, ui)
    assert ui.confirmations[0].consequences == (messages.RISK_NO_FACTOR,)


@pytest.mark.parametrize("left", [1, 10])
async def test_sign_out_does_not_ask_if_a_code_is_left(account: Account, left: int) -> None:
    await account.acknowledge_recovery_codes(account.state.codes)
    assert account.state.codes is not None
    for code in account.state.codes.recovery_codes[left:]:
        await account.authenticate(parse_code(code.reveal()), step_up=True)
    assert await sign_out(account, ScriptedUI())
    assert account.state.stage is Stage.NO_SESSION
