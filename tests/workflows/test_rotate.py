"""Rotating: what is asked, and what a decline or an earlier rotation means."""

import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.errors import RotationUnknownError, UnseenCodesError
from mfa_tui.account.state import RotationStatus
from mfa_tui.workflows import messages
from mfa_tui.workflows.rotate import rotate
from tests.support.facts import codes, codes_on_service
from tests.support.scripted_ui import ScriptedUI
from tests.support.transport import READ, ROTATE, WHO, FaultyTransport, lost_after, not_reached, starting


async def test_declined_rotation_sends_nothing(saved: Account, network: FaultyTransport) -> None:
    old = codes(saved)
    ui = ScriptedUI(False)
    assert await rotate(saved, ui, ["in a file"]) is None
    assert network.count(ROTATE) == 0
    assert codes(saved) == old == await codes_on_service(saved)
    assert ui.shown == [messages.CHECKING, str(messages.not_rotated(saved.state))]


async def test_confirmed_rotation_replaces_the_set(saved: Account, network: FaultyTransport) -> None:
    old = codes(saved)
    ui = ScriptedUI(True)
    outcome = await rotate(saved, ui, ["in a file"])
    assert network.noted[-3:] == [ROTATE, READ, WHO], "read back after they were shown"
    assert outcome is not None
    assert outcome.status is RotationStatus.ROTATED
    assert outcome.codes is not None
    assert outcome.codes.recovery_codes == codes(saved) == await codes_on_service(saved)
    assert not set(codes(saved)) & set(old)
    assert network.count(ROTATE) == 1
    assert ui.shown == [messages.CHECKING, messages.ROTATING, *(code.reveal() for code in codes(saved))]


async def test_rotation_names_its_consequences_before_it_asks(saved: Account) -> None:
    ui = ScriptedUI(False)
    await rotate(saved, ui, [])
    (confirmation,) = ui.confirmations
    assert "have pen and paper ready" in confirmation.consequences[0]
    assert "10 unused codes stop working at once" in confirmation.consequences[-1]
    assert "service responds" in confirmation.reassurance.lower()


async def test_unseen_codes_of_an_earlier_rotation_are_not_replaced(saved: Account, network: FaultyTransport) -> None:
    network.faults[ROTATE] = starting(network, {READ: not_reached}, lost_after)
    with pytest.raises(RotationUnknownError):
        await rotate(saved, ScriptedUI(True), ["in a file"])
    network.faults.clear()
    unseen = await codes_on_service(saved)
    ui = ScriptedUI()
    with pytest.raises(UnseenCodesError, match="The codes were replaced since"):
        await rotate(saved, ui, ["in a file"])
    assert ui.asked == []
    assert network.count(ROTATE) == 1
    assert codes(saved) == unseen == await codes_on_service(saved)
