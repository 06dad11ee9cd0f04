"""Completing a challenge: each code is sent once, and its result is shown."""

import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import parse_code
from mfa_tui.client.errors import InvalidCodeError, OutcomeUnknownError
from mfa_tui.workflows import messages
from mfa_tui.workflows.challenge import (
    advise_after_use,
    complete_challenge,
    introduce_challenge,
    read_challenge_result,
    step_up,
)
from tests.support.facts import codes
from tests.support.scripted_ui import ScriptedUI
from tests.support.transport import USE, WHO, FaultyTransport, changes, lost_after

WRONG = "2222222222"
CHECKED = "Checking the recovery code"


def lost(status: ChallengeStatus) -> str:
    return str(messages.CHALLENGE_STATUS[status])


async def test_introduction_names_the_factors(pending: Account) -> None:
    ui = ScriptedUI()
    await introduce_challenge(pending, ui)
    assert "Type a recovery code. Spaces, dashes and case do not matter." in ui.shown[0]


async def test_challenge_accepts_a_code_and_shows_the_codes_left(pending: Account) -> None:
    ui = ScriptedUI(codes(pending)[0].reveal())
    assert await complete_challenge(pending, ui)
    assert pending.state.stage is Stage.READY
    assert await read_challenge_result(pending) == "Challenge passed: 9 of 10 left."
    await advise_after_use(pending, ui, [])
    assert ui.shown == [CHECKED, messages.CODE_USED_UP]


@pytest.mark.parametrize(
    ("left", "advice"),
    [
        (4, []),
        (3, ["Only 3 are left. Rotate before these run out."]),
        (1, ["This is the last one. Rotate now: once it is used, a lost phone locks you out."]),
        (0, ["No code is left. Rotate to get new ones: without any, a lost phone locks you out."]),
    ],
)
async def test_passed_challenge_advises_when_few_codes_are_left(saved: Account, left: int, advice: list[str]) -> None:
    *others, last = codes(saved)[left:]
    for code in others:
        await saved.sign_in_automatically()
        await saved.authenticate(parse_code(code.reveal()))
    await saved.sign_in_automatically()
    ui = ScriptedUI(last.reveal(), False)
    assert await complete_challenge(saved, ui)
    assert await read_challenge_result(saved) == f"Challenge passed: {left} of 10 left."
    await advise_after_use(saved, ui, [])
    assert ui.shown[:3] == [CHECKED, messages.CODE_USED_UP, *advice]
    assert ui.asked[1:] == ([] if left else ["Replace all recovery codes?"])


async def test_challenge_asks_again_after_a_wrong_code(pending: Account, network: FaultyTransport) -> None:
    ui = ScriptedUI(WRONG, codes(pending)[0].reveal())
    assert await complete_challenge(pending, ui)
    assert "Not accepted" in ui.shown[1]
    assert network.count(USE) == 2


async def test_challenge_does_not_send_a_refused_code_again(pending: Account, network: FaultyTransport) -> None:
    ui = ScriptedUI(WRONG, WRONG, codes(pending)[0].reveal())
    assert await complete_challenge(pending, ui)
    assert "was not sent again" in ui.shown[2]
    assert network.count(USE) == 2


async def test_challenge_raises_a_wrong_code_if_the_user_cannot_be_asked(
    pending: Account, network: FaultyTransport
) -> None:
    with pytest.raises(InvalidCodeError):
        await complete_challenge(pending, ScriptedUI(WRONG, is_interactive=False))
    assert network.count(USE) == 1


@pytest.mark.parametrize("typed", ["", "é" * 10])
async def test_challenge_does_not_send_text_that_cannot_be_a_code(
    pending: Account, network: FaultyTransport, typed: str
) -> None:
    with pytest.raises(InvalidCodeInputError):
        await complete_challenge(pending, ScriptedUI(typed, is_interactive=False))
    assert network.count(USE) == 0


async def test_challenge_is_declined(pending: Account, network: FaultyTransport) -> None:
    ui = ScriptedUI(None, messages.ENTER_CODE, None, messages.NO_CODE, None, messages.GIVE_UP)
    assert not await complete_challenge(pending, ui)
    assert pending.state.stage is Stage.CHALLENGE_PENDING
    assert network.count(USE) == 0
    assert ui.shown == [str(messages.no_code(None))]


async def test_lost_response_is_resolved_without_sending_the_code_again(
    pending: Account, network: FaultyTransport
) -> None:
    network.faults[USE] = lost_after
    network.faults[WHO] = changes(lambda user: user | {"scope": "user:basic"})
    ui = ScriptedUI(codes(pending)[0].reveal())
    assert await complete_challenge(pending, ui)
    assert network.count(USE) == 1
    assert ui.shown == [CHECKED, lost(ChallengeStatus.PASSED)]


async def test_challenge_asks_for_the_next_code_after_a_lost_response(
    pending: Account, network: FaultyTransport
) -> None:
    network.faults[USE] = lost_after
    ui = ScriptedUI(codes(pending)[0].reveal(), None, messages.GIVE_UP)
    assert not await complete_challenge(pending, ui)
    assert network.count(USE) == 1
    assert ui.shown == [CHECKED, lost(ChallengeStatus.PENDING)]


async def test_lost_response_is_raised_if_the_user_cannot_be_asked(pending: Account, network: FaultyTransport) -> None:
    network.faults[USE] = lost_after
    with pytest.raises(OutcomeUnknownError, match="Cross it out"):
        await complete_challenge(pending, ScriptedUI(codes(pending)[0].reveal(), is_interactive=False))
    assert network.count(USE) == 1


async def test_step_up_is_declined(saved: Account, network: FaultyTransport) -> None:
    ui = ScriptedUI(None)
    assert not await step_up(saved, ui)
    assert network.count(USE) == 0
    assert ui.shown == [str(messages.STEP_UP)]
