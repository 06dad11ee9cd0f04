"""The pending MFA challenge: what was typed, and finishing the challenge with it."""

import unicodedata
from dataclasses import dataclass

from mfa_tui.account import recovery
from mfa_tui.account.account import Account
from mfa_tui.dynamic.errors import DynamicError
from mfa_tui.errors import MfaTuiError
from mfa_tui.secrecy import Secret

CODE_LENGTH = 10
"""Symbols in a recovery code. Source: the vendor's form takes `^[a-zA-Z0-9]{10}$`."""

LONGEST_TYPED = 64
"""The longest text that is looked at, in characters: any code with room for how people group it."""


class NotACodeError(MfaTuiError):
    """What was typed cannot be a recovery code; it was not sent."""

    def __init__(self, happened: str) -> None:
        super().__init__(happened, codes="Nothing was sent and no code is spent.", next_step="Mend it and try again.")


@dataclass(frozen=True)
class TypedCode:
    """A code as it will be sent, and what is odd about it, if anything, as a sentence."""

    code: Secret
    oddity: str = ""


def read_typed(typed: str) -> TypedCode:
    """Return the recovery code in what a person typed or pasted.

    Spaces and dashes of any kind go; case stays as typed, since whether a service heeds it is not known.

    Raises:
        NotACodeError: There is nothing, or something else than letters and digits, or far too much.
    """
    if len(typed) > LONGEST_TYPED:
        msg = f"That is {len(typed):,} characters; a recovery code has {CODE_LENGTH} letters or digits."
        raise NotACodeError(msg)
    text = "".join(c for c in typed if not _is_separator(c))
    if not text:
        msg = "There is no code in the field."
        raise NotACodeError(msg)
    if not (text.isascii() and text.isalnum()):
        msg = "A recovery code has only letters A to Z and digits; this has something else."
        raise NotACodeError(msg)
    if len(text) != CODE_LENGTH:
        return TypedCode(Secret(text), f"This has {len(text)} letters or digits; a recovery code has {CODE_LENGTH}.")
    return TypedCode(Secret(text))


async def use(account: Account, code: Secret) -> None:
    """Finish the pending challenge with a recovery code, which is spent by it; then read how many are left.

    Sent once, and never again by itself.

    Raises:
        OutcomeUnknown: The code may be spent.
        DynamicError: The code was not taken and is not spent.
    """
    account.begin_from(await account.client.authenticate_mfa_recovery_code(account.token, code))
    try:
        await recovery.read(account)
    except DynamicError:
        # The challenge is passed all the same; the codes are read again where they are shown.
        return


def _is_separator(character: str) -> bool:
    return character.isspace() or character == "_" or unicodedata.category(character) == "Pd"
