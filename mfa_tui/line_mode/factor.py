"""Passing a factor: to finish a pending MFA challenge, or once more before an action that asks for it."""

from mfa_tui import formatting, sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client.errors import OutcomeUnknownError
from mfa_tui.line_mode.dialog import choose, say, tell, telling
from mfa_tui.terminal import console
from mfa_tui.workflows import messages

_SPENT = "The recovery code that you typed is spent: cross it out."
_PROMPT = "Type the code, which does not show, or nothing to go back, and press Enter: "


async def pass_challenge(account: Account) -> bool:
    """Take codes until the pending challenge is passed, or given up; return whether it is passed.

    Raises:
        InputEndedError: Input ended.
    """
    names = [factor.value for factor in await account.list_challenge_factors()]
    names = [f"an {name}" if name.startswith("a") else f"a {name}" for name in names]
    say("This sign-in needs a second factor.", f"It takes {formatting.listing(names, 'or')}.")
    ignored = "Spaces, dashes and case" if account.profile.is_built_in else "Spaces and dashes"
    say(f"{ignored} do not matter. A recovery code is spent by it; the others stay.")
    while account.state.stage is Stage.CHALLENGE_PENDING:
        typed = _ask()
        if typed is None:
            match choose("What next?", ("Type a code", "Hear whom to ask if you have none", "Give up")):
                case 1:
                    await _help(account)
                case 2:
                    return False
        else:
            await _use(account, typed)
    return account.state.stage is not Stage.NO_SESSION


async def step_up(account: Account) -> bool:
    """Take a factor once more, before an action that asks for it; return whether it was given.

    Raises:
        MfaTuiError: It was not taken.
    """
    say("This action asks for a factor once more.")
    say("It takes an authenticator code, or a recovery code, which is spent by it. Then the action goes on.")
    typed = _ask()
    if typed is None:
        return False
    await account.authenticate(typed, step_up=True)
    if typed.kind is FactorKind.RECOVERY:
        left = await messages.read_codes_left(account)
        say(_SPENT, f"{left}." if left else "")
    return True


def _ask() -> TypedCode | None:
    """Ask until there is a code or nothing; one that looks odd is only taken if it is typed the same once more."""
    odd = None
    while secret := console.read_secret(_PROMPT):
        try:
            typed = parse_code(secret.reveal())
        except InvalidCodeInputError as error:
            tell(error)
            continue
        if not typed.warning or typed.code == odd:
            say(f"Taken for: {typed.kind.value}.")
            return typed
        odd = typed.code
        say(typed.warning, messages.ASK_AGAIN)
    return None


async def _use(account: Account, typed: TypedCode) -> None:
    say("Checking the code.")
    with telling():
        try:
            await account.authenticate(typed)
            say(_SPENT if typed.kind is FactorKind.RECOVERY else "")
        except OutcomeUnknownError:
            say(str(messages.CHALLENGE_STATUS[await account.check_challenge()]))


async def _help(account: Account) -> None:
    with telling():
        address = sanitize.one_line((await account.get_settings()).general.support_email or "", 254)
        say("Without any code, only the people behind this service can help.")
        say(f"Write to {address}." if address else "This environment names no address: ask whoever runs the app.")
