"""What a test looks at: what the account says, what the service has, what is on disk."""

from pathlib import Path

from mfa_tui.account.account import Account
from mfa_tui.account.state import Ending
from mfa_tui.secrecy import Secret
from mfa_tui.storage.places import Places


def codes(account: Account) -> tuple[Secret, ...]:
    assert account.state.codes is not None
    return account.state.codes.recovery_codes


def ending(account: Account) -> Ending | None:
    return account.state.ending


def journals(places: Places) -> list[Path]:
    return sorted(places.state.rglob("rotation-*.json"))


async def truth(account: Account) -> tuple[Secret, ...]:
    """The set as the service has it."""
    verification = await account.client.get_mfa_recovery_codes(account.token)
    return verification.recovery_codes
