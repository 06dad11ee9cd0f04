"""Verifying that the codes are saved."""

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.account.verification import LENGTH, Question
from mfa_tui.redaction import Secret
from mfa_tui.workflows import messages
from mfa_tui.workflows.verify import verify_saved
from tests.support.facts import codes, codes_on_service
from tests.support.scripted_ui import Answer, ScriptedUI
from tests.support.transport import ACKNOWLEDGE, FaultyTransport


class Verifier(ScriptedUI):
    """Answers each question with the end of its code after the scripted answers."""

    def __init__(self, account: Account, *answers: Answer) -> None:
        super().__init__(*answers)
        self._ends = {
            messages.verification_label(Question(number, code)): code.reveal()[-LENGTH:]
            for number, code in enumerate(codes(account), start=1)
        }

    async def read_secret(self, label: str) -> Secret | None:
        if not self.answers:
            self.answers.append(self._ends[label])
        return await super().read_secret(label)


async def test_right_answers_confirm_the_codes(account: Account, network: FaultyTransport) -> None:
    ui = Verifier(account)
    assert await verify_saved(account, ui)
    assert account.state.stage is Stage.READY
    assert network.count(ACKNOWLEDGE) == 1
    assert ui.shown == [str(messages.VERIFY), messages.CONFIRMING, str(messages.CONFIRMED)]


async def test_wrong_answer_is_reported_and_asked_again(account: Account) -> None:
    ui = Verifier(account, "0000")
    assert await verify_saved(account, ui)
    assert len(ui.asked) == 3
    assert ui.asked[0] == ui.asked[1] != ui.asked[2]
    assert "does not end like that. Look again where you saved it." in ui.shown[1]
    assert account.state.stage is Stage.READY


async def test_declined_verification_confirms_nothing(account: Account, network: FaultyTransport) -> None:
    ui = ScriptedUI(None)
    assert not await verify_saved(account, ui)
    assert account.state.stage is Stage.CODES_NOT_CONFIRMED
    assert network.count(ACKNOWLEDGE) == 0
    assert ui.shown == [str(messages.VERIFY), str(messages.NOT_CONFIRMED)]


async def test_set_that_another_program_replaced_is_shown_instead_of_confirmed(
    account: Account, network: FaultyTransport
) -> None:
    ui = Verifier(account)
    await account.client.create_new_mfa_recovery_codes(account._token)
    assert not await verify_saved(account, ui)
    assert network.count(ACKNOWLEDGE) == 0
    assert account.state.stage is Stage.CODES_NOT_CONFIRMED
    live = [code.reveal() for code in await codes_on_service(account)]
    assert ui.shown[-10:] == live
    assert "replaced meanwhile, by another program or device" in ui.shown[-11]


async def test_shown_set_can_be_confirmed_after_it_replaced_another(account: Account, network: FaultyTransport) -> None:
    ui = Verifier(account)
    await account.client.create_new_mfa_recovery_codes(account._token)
    await verify_saved(account, ui)
    assert await verify_saved(account, Verifier(account))
    assert network.count(ACKNOWLEDGE) == 1
    assert account.state.stage is Stage.READY
