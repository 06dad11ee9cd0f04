"""Parses the text that a user typed or pasted as the code of a factor."""

import re
from enum import Enum

import msgspec

from mfa_tui import formatting, sanitize
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.redaction import Secret

RECOVERY_CODE_LENGTH = 10
"""Letters or digits of a recovery code. Source: the vendor's form takes `^[a-zA-Z0-9]{10}$`."""

TOTP_CODE_LENGTH = 6
"""Digits of an authenticator code. Source: the vendor's docs; the default of RFC 6238's apps."""

MAX_INPUT_LENGTH = 64
"""Characters of the longest text that is parsed: any code, with room for spaces and dashes."""


_NUMBERED = re.compile(r"\s*(?:\[\w?\s*\]\s*)?\d{1,2}[.):]?\s+(.*)", re.DOTALL)
"""A line of a saved list: the number of a code, perhaps after a box to tick, and the code."""


class FactorKind(Enum):
    """A factor; the value is its name in the user interface."""

    RECOVERY = "recovery code"
    TOTP = "authenticator code"
    PASSKEY = "passkey"
    """It is never typed."""


class TypedCode(msgspec.Struct, frozen=True):
    """A code to send, its factor, and a sentence about an unusual form, if it has one."""

    kind: FactorKind
    code: Secret
    warning: str = ""


def parse_code(text: str) -> TypedCode:
    """Return the code in a text.

    Removes spaces and dashes of any kind, and the number of the code in a line of a saved list. Keeps the case, since
    it is not known whether a service ignores it.
    Six digits are an authenticator code, everything else is a recovery code.

    Raises:
        InvalidCodeInputError: The text is empty, too long, or holds other characters than letters and digits.
    """
    if len(text) > MAX_INPUT_LENGTH:
        msg = f"That is {len(text):,} characters; a recovery code has {RECOVERY_CODE_LENGTH} letters or digits."
        raise InvalidCodeInputError(msg)
    code = sanitize.strip_separators(text)
    if (line := _NUMBERED.fullmatch(text)) and len(code) > RECOVERY_CODE_LENGTH:
        code = sanitize.strip_separators(line[1])
    if not code:
        msg = "The field holds no code."
        raise InvalidCodeInputError(msg)
    if not (code.isascii() and code.isalnum()):
        msg = "A code has only letters A to Z and digits; this has other characters."
        raise InvalidCodeInputError(msg)
    if code.isdigit() and len(code) == TOTP_CODE_LENGTH:
        return TypedCode(FactorKind.TOTP, Secret(code))
    if len(code) == RECOVERY_CODE_LENGTH:
        return TypedCode(FactorKind.RECOVERY, Secret(code))
    length = formatting.count(1, "letter or digit") if len(code) == 1 else f"{len(code)} letters or digits"
    warning = f"This has {length}; a recovery code has {RECOVERY_CODE_LENGTH}."
    return TypedCode(FactorKind.RECOVERY, Secret(code), warning)
