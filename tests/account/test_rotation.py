"""A rotation is recorded first, and is requested once."""

import asyncio
import hashlib
import stat
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from mfa_tui import atomic_file, connection
from mfa_tui.account.account import Account
from mfa_tui.account.errors import RotationUnderWayError
from mfa_tui.account.rotation import RotationOutcome
from mfa_tui.account.state import RotationStatus, Stage
from mfa_tui.client import errors
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.record_file import RecordLockedError
from tests.support.facts import codes, codes_on_service, is_open, record, record_path, rotation_status
from tests.support.timing import FAST, set_timing
from tests.support.transport import (
    ACKNOWLEDGE,
    READ,
    ROTATE,
    WHO,
    Fault,
    FaultyTransport,
    Pass,
    after,
    lost_after,
    lost_before,
    not_reached,
    refuses,
    starting,
    straight,
)


async def test_rotation_shows_ten_new_unsaved_codes(saved: Account) -> None:
    old = codes(saved)
    await saved.create_new_mfa_recovery_codes()
    assert not set(codes(saved)) & set(old)
    assert codes(saved) == await codes_on_service(saved)
    assert saved.state.stage is Stage.CODES_NOT_CONFIRMED
    assert rotation_status(saved) is None


async def test_rotation_is_recorded_first_and_without_codes(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    seen: list[bytes] = []

    def look() -> None:
        path = record_path(places)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert is_open(places)
        seen.append(path.read_bytes())

    old = codes(account)
    network.faults[ROTATE] = after(look, straight)
    await account.create_new_mfa_recovery_codes()
    written = seen[0].decode() + record_path(places).read_text()
    for code in old + codes(account):
        text = code.reveal()
        assert not any(text[i : i + 4].lower() in written.lower() for i in range(7) if not is_hex(text[i:]))


def is_hex(text: str) -> bool:
    return set(text[:4].lower()) <= set("0123456789abcdef")


async def test_rotation_stays_open_until_its_codes_are_shown(account: Account, places: AppPaths) -> None:
    outcome = await account.create_new_mfa_recovery_codes()
    assert is_open(places)
    assert account.state.rotation_unseen
    await account.read_codes()
    assert is_open(places)
    assert rotation_status(account) is RotationStatus.ROTATED
    assert outcome.codes is not None
    await account.mark_shown(outcome.codes)
    assert not is_open(places)
    assert not account.state.rotation_unseen


async def test_saved_file_closes_the_rotation_and_is_recorded(account: Account, places: AppPaths) -> None:
    outcome = await account.create_new_mfa_recovery_codes()
    assert outcome.codes is not None
    await account.mark_saved(outcome.codes, "/media/stick/codes.txt")
    written = record(places)
    assert written.rotation is None
    assert written.current is not None
    assert [copy.place for copy in written.current.saved] == ["/media/stick/codes.txt"]


async def test_showing_the_old_codes_does_not_close_the_rotation(account: Account, places: AppPaths) -> None:
    old = account.state.codes
    assert old is not None
    await account.create_new_mfa_recovery_codes()
    await account.mark_shown(old)
    assert is_open(places)


async def test_new_set_is_read_back_after_it_was_shown(account: Account, network: FaultyTransport) -> None:
    outcome = await account.create_new_mfa_recovery_codes()
    assert network.noted[-1] == ROTATE
    assert outcome.codes is not None
    assert await account.check_rotation(outcome.codes) is RotationStatus.ROTATED
    assert network.noted[-2:] == [READ, WHO]


async def test_nothing_is_sent_if_the_record_cannot_be_written(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "replace_file", full)
    with pytest.raises(StorageError, match="disk is full"):
        await account.create_new_mfa_recovery_codes()
    assert network.count(ROTATE) == 0


def full(_path: Path, _content: bytes) -> None:
    raise OSError(28, "")


async def test_new_codes_are_shown_if_the_record_cannot_be_written(
    saved: Account, places: AppPaths, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = codes(saved)
    network.faults[ROTATE] = after(lambda: monkeypatch.setattr(atomic_file, "replace_file", full), straight)
    outcome = await saved.create_new_mfa_recovery_codes()
    assert outcome.codes is not None
    await saved.mark_shown(outcome.codes)
    assert codes(saved) == await codes_on_service(saved) != old
    assert "disk is full" in str(saved.state.warning)
    assert is_open(places)


async def test_refusal_is_reported_if_the_record_cannot_be_written(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.faults[ROTATE] = after(
        lambda: monkeypatch.setattr(atomic_file, "replace_file", full), refuses(429, {"error": "slow"})
    )
    with pytest.raises(errors.RateLimitedError):
        await account.create_new_mfa_recovery_codes()
    assert "disk is full" in str(account.state.warning)


REFUSALS = [not_reached, *(refuses(status, {"error": "no"}) for status in (400, 401, 403, 404, 422, 429))]


@pytest.mark.parametrize("fault", REFUSALS)
async def test_refused_rotation_changes_nothing_and_is_closed(
    account: Account, places: AppPaths, network: FaultyTransport, fault: Fault
) -> None:
    old = codes(account)
    network.faults[ROTATE] = fault
    with pytest.raises(errors.ApiError):
        await account.create_new_mfa_recovery_codes()
    assert codes(account) == old
    assert not is_open(places)
    assert network.count(ROTATE) == 1


async def test_unreadable_set_is_not_replaced(account: Account, network: FaultyTransport) -> None:
    account._set_state(replace(account.state, codes=None))
    network.faults[READ] = lost_before
    with pytest.raises(errors.OutcomeUnknownError):
        await account.create_new_mfa_recovery_codes()
    assert network.count(ROTATE) == 0


async def test_user_without_a_state_has_unsaved_codes(saved: Account, network: FaultyTransport) -> None:
    network.faults[WHO] = lost_before
    await saved.create_new_mfa_recovery_codes()
    assert saved.state.stage is Stage.CODES_NOT_CONFIRMED


async def test_record_of_one_user_does_not_affect_another(account: Account, network: FaultyTransport) -> None:
    network.faults[ROTATE] = starting(network, {READ: not_reached}, lost_after)
    await account.create_new_mfa_recovery_codes()
    async with account._record() as opened:
        assert opened.record.rotation is not None
    assert account.state.session is not None
    other = msgspec.structs.replace(account.user, id="other")
    await account._start_session(msgspec.structs.replace(account.state.session, user=other))
    async with account._record() as opened:
        assert opened.record.rotation is None
    assert rotation_status(account) is None


SPOILT = [
    b"",
    b"{}",
    b"\xff",
    b"[" * 10_000,
    b'{"salt": "zz"}',
    b'{"salt": "'
    + b"0" * 32
    + b'", "cost": 1, "rotation": {"requested": {"bootId": "", "seconds": -1}, "requestedAt": 0}}',
    b'{"salt": "' + b"0" * 32 + b'", "cost": 1, "current": {"codes": [], "receivedAt": 99999999999999999999}}',
    b'{"salt": "' + b"0" * 32 + b'", "cost": 40}',
    b" " * 2_000_000,
]


@pytest.mark.parametrize("spoilt", SPOILT, ids=range(len(SPOILT)))
async def test_damaged_record_counts_as_a_rotation_that_may_be_open(
    account: Account, places: AppPaths, network: FaultyTransport, spoilt: bytes
) -> None:
    record_path(places).write_bytes(spoilt)
    await account.read_codes()
    assert rotation_status(account) is RotationStatus.UNDETERMINED
    assert not account.state.rotation_unseen
    assert codes(account) == await codes_on_service(account)
    with pytest.raises(RotationUnderWayError, match="until "):
        await account.prepare_rotation([])
    with pytest.raises(RotationUnderWayError):
        await account.create_new_mfa_recovery_codes()
    with pytest.raises(RotationUnderWayError):
        await account.acknowledge_recovery_codes(account.state.codes)
    assert network.count(ROTATE) == network.count(ACKNOWLEDGE) == 0


async def test_damaged_record_is_forgotten_once_the_codes_are_shown(account: Account, places: AppPaths) -> None:
    record_path(places).write_bytes(b"{}")
    set_timing(account, request_max_age=0)
    await account.read_codes()
    assert is_open(places)
    assert account.state.codes is not None
    await account.mark_shown(account.state.codes)
    assert not is_open(places)
    await account.acknowledge_recovery_codes()
    assert account.state.stage is Stage.READY


async def test_old_journal_counts_as_a_rotation_that_may_be_open(account: Account, places: AppPaths) -> None:
    record_path(places).unlink()
    user = hashlib.sha256(account.user.id.encode()).hexdigest()[:16]
    journal = places.state / "embedded" / f"rotation-{user}.json"
    journal.write_bytes(b'{"askedAt": 1}')
    journal.chmod(0o600)
    with pytest.raises(RotationUnderWayError):
        await account.create_new_mfa_recovery_codes()
    assert not journal.exists()
    assert is_open(places)


async def test_rotation_of_another_set_than_the_user_saw_is_refused(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    async with connection.open_account(places) as other:
        await other.resume_session()
        new = await other.create_new_mfa_recovery_codes()
        assert new.codes is not None
        with pytest.raises(errors.RecoveryCodesChangedError):
            await account.create_new_mfa_recovery_codes()
        assert codes(account) == new.codes.recovery_codes == await codes_on_service(account)
    assert network.count(ROTATE) == 1


async def test_late_replacement_by_another_device_is_refused_by_the_service(
    account: Account, network: FaultyTransport
) -> None:
    """Another device replaces the set between the last reading and the request."""

    async def race(_request: httpx.Request, carry: Pass) -> httpx.Response:
        del network.faults[ROTATE]
        await account.client.create_new_mfa_recovery_codes(account._token)
        return await carry()

    network.faults[ROTATE] = race
    with pytest.raises(errors.RecoveryCodesChangedError):
        await account.create_new_mfa_recovery_codes()
    assert codes(account) == await codes_on_service(account)


async def test_second_program_waits_for_the_rotation_of_the_first(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    async with connection.open_account(places, timing=FAST) as other:
        await other.resume_session()
        await other.read_codes()
        results = await asyncio.gather(
            account.create_new_mfa_recovery_codes(), other.create_new_mfa_recovery_codes(), return_exceptions=True
        )
        kinds = {type(result) for result in results}
        assert kinds == {RotationOutcome, errors.RecoveryCodesChangedError}
        assert codes(account) == codes(other) == await codes_on_service(account)
    assert network.count(ROTATE) == 1


async def test_locked_record_ends_the_wait_with_an_error(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    set_timing(account, record_lock_timeout=0)
    async with connection.open_account(places, timing=FAST) as other:
        await other.resume_session()
        async with other._record():
            with pytest.raises(RecordLockedError, match="sent nothing"):
                await account.create_new_mfa_recovery_codes()
    assert network.count(ROTATE) == 0


async def test_set_that_came_back_makes_its_rotation_open_again(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    """A response that was never true: ten codes that live nowhere, shown as the new set."""
    old = codes(account)
    invented = [f"ABCDEFGH{number:02}" for number in range(10)]
    network.faults[ROTATE] = refuses(200, {"count": 10, "recoveryCodes": invented})
    outcome = await account.create_new_mfa_recovery_codes()
    assert outcome.codes is not None
    await account.mark_shown(outcome.codes)
    assert await account.check_rotation(outcome.codes) is RotationStatus.NOT_ROTATED
    assert codes(account) == old
    assert is_open(places)


async def test_check_of_an_open_rotation_does_not_claim_that_the_service_responds(
    saved: Account, network: FaultyTransport
) -> None:
    set_timing(saved, request_max_age=0)
    network.faults = {ROTATE: starting(network, {READ: not_reached}, lost_before)}
    assert (await saved.create_new_mfa_recovery_codes()).status is RotationStatus.UNKNOWN
    network.faults = {READ: not_reached}
    ready = await saved.prepare_rotation([])
    assert "responds" not in ready.checks_passed
    assert "could not be reached" in ready.problems[0]
