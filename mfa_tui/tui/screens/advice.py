"""The sentences of the screen with the codes: the next step, and whether the codes are saved."""

from mfa_tui.account.account import Account
from mfa_tui.account.errors import NewCodesNotReturnedError, RotationUnknownError, UnseenCodesError
from mfa_tui.account.state import Stage
from mfa_tui.client.errors import RecoveryCodesChangedError
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import Confirmation

KEEP = "Save them where you can reach them without your phone, then press v."

_NOT_CONFIRMED = Message(messages.NOT_CONFIRMED_YET.heading, KEEP)

_CONFIRMED = Message(
    messages.CONFIRMED.heading, "Each code works once, to sign in when your authenticator is not at hand."
)

_SHOWN_NOW = f"These are the new ones. {KEEP}"

NEXT_STEPS: dict[type[MfaTuiError], str] = {
    RecoveryCodesChangedError: _SHOWN_NOW,
    UnseenCodesError: _SHOWN_NOW,
    RotationUnknownError: "Press r to read the codes again.",
    NewCodesNotReturnedError: "Press R to rotate once more, to a set that you can see.",
}
"""The next step after an error, for those that a key of this screen resolves."""

WELCOME = "This is the built-in service. For a hosted one: mfa-tui --profile NAME"

QUIT = Confirmation(
    question=messages.QUIT_UNCONFIRMED.heading,
    consequences=(messages.QUIT_UNCONFIRMED.rest,),
    cancel="Stay",
    confirm="Quit anyway",
    action="quit",
)


def next_step(account: Account) -> Message:
    """Return the state of the codes, with the next step."""
    state = account.state
    if trouble := state.codes_problem:
        return Message(trouble.message, f"{trouble.impact} {NEXT_STEPS[type(trouble)]}")
    news = messages.reconciled(state)
    if state.stage is Stage.CODES_NOT_CONFIRMED:
        return Message(news.heading, f"{news.rest} {KEEP}") if news else _NOT_CONFIRMED
    return news or messages.low_codes(state) or _CONFIRMED
