"""State that tests compare: of the account, of the service and on disk."""

from pathlib import Path

from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths


def codes(account: Account) -> tuple[Secret, ...]:
    assert account.state.codes is not None
    return account.state.codes.recovery_codes


def rotation_status(account: Account) -> RotationStatus | None:
    return account.state.rotation_status


def journals(places: AppPaths) -> list[Path]:
    return sorted(places.state.rglob("rotation-*.json"))


async def codes_on_service(account: Account) -> tuple[Secret, ...]:
    """Return the set that the service has."""
    verification = await account.client.get_mfa_recovery_codes(account._token)
    return verification.recovery_codes
