"""State that tests compare: of the account, of the service and on disk."""

from pathlib import Path

from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.protocol import codec
from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.set_record import SetRecord


def codes(account: Account) -> tuple[Secret, ...]:
    assert account.state.codes is not None
    return account.state.codes.recovery_codes


def rotation_status(account: Account) -> RotationStatus | None:
    return account.state.rotation_status


def record_path(places: AppPaths) -> Path:
    """Return the file of the only record."""
    (path,) = places.records.glob("*.json")
    return path


def record(places: AppPaths) -> SetRecord:
    """Return the only record on disk."""
    return codec.decode(record_path(places).read_bytes(), SetRecord)


def is_open(places: AppPaths) -> bool:
    """Return whether the record on disk has an open rotation."""
    return record(places).rotation is not None


async def codes_on_service(account: Account) -> tuple[Secret, ...]:
    """Return the set that the service has."""
    verification = await account.client.get_mfa_recovery_codes(account._token)
    return verification.recovery_codes
