"""The sentences that front ends show for the state of an account and for the results of its operations."""

from datetime import UTC, datetime

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.state import RotationStatus, State
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol import models
from mfa_tui.storage import saved_codes

LOW_CODES = 3
"""With this many codes left, it is time to rotate."""

ASK_AGAIN = "Type it again, or type the same once more to send it unchanged."
"""After a code of an unusual form, if the user is asked again."""

CHALLENGE_STATUS = {
    ChallengeStatus.PASSED: Message(
        "The response was lost, but the challenge is passed", "The code that you typed is used up."
    ),
    ChallengeStatus.PENDING: Message(
        "The response was lost: that code may be used up",
        "The challenge is still pending. Cross the code out, and use the next one: nothing is sent again.",
    ),
    ChallengeStatus.UNKNOWN: Message(
        "The response was lost, and the service does not respond now",
        "The code may be used up: cross it out. Once the service is back, use the next one.",
    ),
}
"""After the response to a code was lost."""

RECONCILED = {
    RotationStatus.ROTATED: Message(
        "The codes were replaced: these are the new ones",
        "The response had been lost, so the set was read back. The old codes no longer work.",
    ),
    RotationStatus.NOT_ROTATED: Message(
        "Nothing was replaced so far: your old codes are valid",
        "The response had been lost, so the set was read back, and it is the old one.",
    ),
}
"""After the response to a rotation was lost and the set was read back."""


def codes_left(state: State) -> str:
    """Return how many codes are left, such as `9 of 10 left`; empty if that is not known."""
    if state.codes is None:
        return ""
    return f"{state.codes.count} of {max(models.SET_SIZE, state.codes.count)} left"


async def read_codes_left(account: Account) -> str:
    """Read the set and return how many codes are left; empty if it cannot be read.

    For use after an operation that succeeded, which a failed read does not take back.
    """
    try:
        await account.read_codes()
    except MfaTuiError:
        return ""
    return codes_left(account.state)


def low_codes(state: State) -> Message | None:
    """Return the advice for a set with few codes left; None if enough are left or that is not known."""
    if state.codes is None or state.codes.count > LOW_CODES:
        return None
    if state.codes.count == 0:
        return Message("No code is left", "Rotate to get new ones: without any, a lost phone locks you out.")
    if state.codes.count == 1:
        return Message("This is the last one", "Rotate now: once it is used, a lost phone locks you out.")
    return Message(f"Only {state.codes.count} are left", "Rotate before these run out.")


def reconciled(state: State) -> Message | None:
    """Return what reading the set back has found; None if no response was lost."""
    return None if state.rotation_status is None else RECONCILED.get(state.rotation_status)


def codes_sheet(account: Account) -> str:
    """Return the codes as a text to save: account, service, date, and that each code works once.

    If it is not known whether they were replaced, the text says so first.
    """
    state = account.state
    codes = state.codes.recovery_codes if state.codes else ()
    header = [
        ("account", sanitize.one_line(state.email, 254)),
        ("service", account.service_name),
        ("environment", sanitize.one_line(account.user.project_environment_id, 64)),
        ("saved", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("codes", str(len(codes))),
    ]
    if state.rotation_status is RotationStatus.UNKNOWN:
        header.insert(0, ("in doubt", "these may have been replaced: mfa-tui codes finds out"))
    return saved_codes.format_sheet(header, codes)
