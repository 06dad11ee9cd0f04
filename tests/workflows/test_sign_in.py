"""Signing in with a code from an e-mail, asked for or refused."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from mfa_tui.account.account import Account
from mfa_tui.account.base import Mailbox
from mfa_tui.account.state import Stage
from mfa_tui.client.errors import WrongEmailCodeError
from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.workflows import messages
from mfa_tui.workflows.sign_in import sign_in
from tests.support.scripted_ui import Answer, ScriptedUI
from tests.support.transport import FaultyTransport, changes, not_reached, refuses

SEND = "POST /emailVerifications/create"
SIGN_IN = "POST /emailVerifications/signin"
EMAIL = "you@embedded.localhost"
MAILED = "the code from the newest e-mail"


class MailReader(ScriptedUI):
    """Types the code from the newest e-mail if the answer is `MAILED`."""

    def __init__(self, mailbox: Mailbox, network: FaultyTransport, *answers: Answer) -> None:
        super().__init__(*answers)
        self._mailbox = mailbox
        self._verification = ""
        network.faults[SEND] = changes(self._note)

    async def read_secret(self, label: str) -> Secret | None:
        code = await super().read_secret(label)
        return await self._mailbox.code_from(self._verification) if code == Secret(MAILED) else code

    def _note(self, body: dict[str, Any]) -> dict[str, Any]:
        self._verification = body["verificationUUID"]
        return body


@pytest.fixture
def mailbox(signed_out: Account) -> Mailbox:
    """The mailbox of the account, which the account itself can no longer read."""
    mailbox = signed_out._mailbox
    assert mailbox is not None
    signed_out._mailbox = None
    environment_id = signed_out.client.environment_id
    signed_out._profile = replace(signed_out.profile, environment_id=environment_id, email=EMAIL)
    return mailbox


async def test_sign_in_asks_nothing_if_the_program_reads_the_email(signed_out: Account) -> None:
    ui = ScriptedUI()
    assert await sign_in(signed_out, ui)
    assert signed_out.state.session is not None
    assert ui.shown == ui.asked == []


async def test_sign_in_asks_for_missing_values_and_the_code(
    signed_out: Account, mailbox: Mailbox, network: FaultyTransport
) -> None:
    environment_id = signed_out.client.environment_id
    signed_out._profile = replace(signed_out.profile, environment_id="", email="")
    ui = MailReader(mailbox, network, "not one", environment_id, EMAIL, MAILED)
    assert await sign_in(signed_out, ui)
    environment, email = messages.ENVIRONMENT_LABEL, messages.EMAIL_LABEL
    assert ui.asked == [environment, environment, email, messages.EMAIL_CODE_LABEL]
    assert ui.shown[:2] == [messages.ENVIRONMENT_NEEDED, messages.INVALID_ENVIRONMENT_ID]
    assert signed_out.profile.email == EMAIL


@pytest.mark.usefixtures("mailbox")
@pytest.mark.parametrize(
    ("missing", "hint"), [({"email": ""}, "--email"), ({"environment_id": ""}, "--environment-id")], ids=str
)
async def test_sign_in_refuses_a_missing_value_if_it_cannot_ask(
    signed_out: Account, network: FaultyTransport, missing: dict[str, str], hint: str
) -> None:
    signed_out._profile = replace(signed_out.profile, **missing)
    with pytest.raises(UsageError, match=hint):
        await sign_in(signed_out, ScriptedUI(is_interactive=False))
    assert network.noted == []


async def test_sign_in_asks_again_after_a_wrong_code(
    signed_out: Account, mailbox: Mailbox, network: FaultyTransport
) -> None:
    ui = MailReader(mailbox, network, "12345", "000000", MAILED)
    assert await sign_in(signed_out, ui)
    assert network.count(SIGN_IN) == 2
    assert "no attempt was used up" in ui.shown[2]
    assert "That is not the code" in ui.shown[3]


@pytest.mark.usefixtures("mailbox")
async def test_sign_in_raises_a_wrong_code_if_it_cannot_ask(signed_out: Account, network: FaultyTransport) -> None:
    with pytest.raises(WrongEmailCodeError):
        await sign_in(signed_out, ScriptedUI("000000", is_interactive=False))
    assert network.count(SIGN_IN) == 1


async def test_sign_in_asks_again_if_the_code_was_not_sent(
    signed_out: Account, mailbox: Mailbox, network: FaultyTransport
) -> None:
    class Reconnecting(MailReader):
        async def read_secret(self, label: str) -> Secret | None:
            if len(self.answers) == 1:
                network.faults.pop(SIGN_IN)
            return await super().read_secret(label)

    network.faults[SIGN_IN] = not_reached
    assert await sign_in(signed_out, Reconnecting(mailbox, network, "123456", MAILED))
    assert network.count(SEND) == 1


async def test_resend_that_is_refused_keeps_the_first_code(
    signed_out: Account, mailbox: Mailbox, network: FaultyTransport
) -> None:
    class Refused(MailReader):
        async def choose(self, question: str, choices: Sequence[str]) -> int:
            network.faults[SEND] = refuses(429, {"error": "Too many requests"})
            return await super().choose(question, choices)

    assert await sign_in(signed_out, Refused(mailbox, network, None, messages.RESEND_EMAIL_CODE, MAILED))
    assert network.count(SEND) == 2


@pytest.mark.usefixtures("mailbox")
async def test_sign_in_is_declined(signed_out: Account, network: FaultyTransport) -> None:
    ui = ScriptedUI(None, messages.ENTER_CODE, None, messages.START_OVER)
    assert not await sign_in(signed_out, ui)
    assert signed_out.state.stage is Stage.NO_SESSION
    assert network.count(SIGN_IN) == 0
