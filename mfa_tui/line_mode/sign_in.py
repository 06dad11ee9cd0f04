"""Signing in with a code from a mail."""

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.errors import MfaTuiError
from mfa_tui.line_mode.dialog import choose, say, tell, telling
from mfa_tui.protocol import models
from mfa_tui.storage.config import parse_environment_id
from mfa_tui.terminal import console

_PROMPT = "Type the six digits from the mail, which do not show, or nothing for more choices, and press Enter: "


async def sign_in(account: Account) -> MfaTuiError | None:
    """Sign in: by the program's own mailbox, or with a person's answers.

    Returns what stood in the way, where the person left it at that; None once there is a session.

    Raises:
        NoTerminalError: Nobody is there to be asked.
    """
    while account.state.session is None:
        say("Signing in.")
        try:
            if not account.signs_in_automatically:
                await _with_answers(account)
            else:
                await account.sign_in_automatically()
        except console.NoTerminalError:
            raise
        except MfaTuiError as error:
            tell(error)
            if choose("What next?", ("Try again", "Leave")) == 1:
                return error
    return None


async def _with_answers(account: Account) -> None:
    before = account.profile
    environment_id = before.environment_id or _ask_environment()
    email = before.email or sanitize.one_line(console.read_line("Type your e-mail address, and press Enter: "), 254)
    try:
        say("Reading how this environment is set, and asking for a code.")
        verification = await account.request_email_code(environment_id, email)
        _announce(verification)
        await _take_code(account, verification)
    finally:
        if account.state.session is None:
            account.select_environment(before.environment_id, before.email)


async def _take_code(account: Account, verification: models.EmailVerification) -> None:
    while account.state.session is None:
        secret = console.read_secret(_PROMPT)
        if secret:
            with telling():
                await account.sign_in(verification.verification_uuid, secret)
            continue
        match choose("What next?", ("Type the code", "Have a new code sent", "Start over")):
            case 1:
                with telling():
                    verification = await account.resend_email_code(verification)
                    _announce(verification)
            case 2:
                return


def _ask_environment() -> str:
    while True:
        typed = console.read_line(
            "Type the environment's id, a UUID that whoever runs the app knows, and press Enter: "
        )
        if environment_id := parse_environment_id(typed):
            return environment_id
        say("That is not a UUID. It looks like 2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11.")


def _announce(verification: models.EmailVerification) -> None:
    say(f"A code is on its way to {sanitize.one_line(verification.email, 254)}.")
    say("It comes within minutes and is good for ten. Look in the spam folder too.")
