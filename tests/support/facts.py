"""What a test looks at: what the account says, what the service has, what is on disk."""

from pathlib import Path

from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths


def codes(account: Account) -> tuple[Secret, ...]:
    assert account.state.codes is not None
    return account.state.codes.recovery_codes


def ending(account: Account) -> RotationStatus | None:
    return account.state.rotation_status


def journals(places: AppPaths) -> list[Path]:
    return sorted(places.state.rglob("rotation-*.json"))


async def truth(account: Account) -> tuple[Secret, ...]:
    """The set as the service has it."""
    verification = await account.client.get_mfa_recovery_codes(account._token)
    return verification.recovery_codes
