"""What the record of a set keeps: positions, uses, and when a request may still be under way."""

from collections.abc import Callable

import httpx
import pytest

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.errors import RotationUnderWayError
from mfa_tui.account.state import RotationStatus, Stage
from mfa_tui.account.typed_code import parse_code
from mfa_tui.client import errors
from mfa_tui.client.headers import NO_STEP_UP_TOKENS
from mfa_tui.protocol import models
from mfa_tui.storage.boot_time import BootTime
from mfa_tui.storage.paths import AppPaths
from mfa_tui.timing import DEFAULT_TIMING
from tests.support.facts import codes, codes_on_service, is_open, record, rotation_status
from tests.support.timing import FAST, set_timing
from tests.support.transport import (
    ACKNOWLEDGE,
    READ,
    ROTATE,
    USE,
    WITHHELD,
    FaultyTransport,
    Pass,
    changes,
    lost_after,
    lost_before,
    not_reached,
    starting,
    straight,
)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that lets seconds pass on the clock that cannot be set."""
    passed = 0.0
    real = BootTime.now()

    def wait(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(
        BootTime, "now", classmethod(lambda cls: cls(boot_id=real.boot_id, seconds=real.seconds + passed))
    )
    return wait


async def test_request_counts_as_under_way_for_two_minutes(
    account: Account, network: FaultyTransport, wait: Callable[[float], None]
) -> None:
    assert DEFAULT_TIMING.request_max_age == 120
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    wait(119)
    with pytest.raises(RotationUnderWayError):
        await account.create_new_mfa_recovery_codes()
    wait(2)
    network.faults.clear()
    assert (await account.create_new_mfa_recovery_codes()).status is RotationStatus.ROTATED


async def test_wall_clock_does_not_end_a_request(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    monkeypatch.setattr("mfa_tui.account.recording.time.time", lambda: 4e9)
    with pytest.raises(RotationUnderWayError):
        await account.create_new_mfa_recovery_codes()


@pytest.mark.parametrize("change", [{"boot_id": "another"}, {"seconds": 0.0}], ids=["restart", "clock back"])
async def test_request_is_dated_anew_after_a_restart(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    now = {"boot_id": BootTime.now().boot_id, "seconds": 1e9} | change
    monkeypatch.setattr(BootTime, "now", classmethod(lambda cls: cls(**now)))
    with pytest.raises(RotationUnderWayError):
        await account.create_new_mfa_recovery_codes()


async def test_second_rotation_is_dated_anew_and_keeps_the_old_set(
    account: Account, places: AppPaths, network: FaultyTransport, wait: Callable[[float], None]
) -> None:
    network.faults[ROTATE] = starting(network, {READ: WITHHELD}, lost_after)
    await account.create_new_mfa_recovery_codes()
    old = record(places).current
    wait(121)
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    wait(60)
    with pytest.raises(RotationUnderWayError):
        await account.create_new_mfa_recovery_codes()
    network.faults.clear()
    assert record(places).current == old
    await account.read_codes()
    assert rotation_status(account) is RotationStatus.ROTATED


async def test_set_that_is_read_during_a_use_is_read_again(account: Account, network: FaultyTransport) -> None:
    set_timing(account, use_lock_timeout=0)
    first = codes(account)[0]

    async def use_meanwhile(_request: httpx.Request, carry: Pass) -> httpx.Response:
        del network.faults[READ]
        response = await carry()
        await account.authenticate(parse_code(first.reveal()), step_up=True)
        return response

    network.faults[READ] = use_meanwhile
    await account.read_codes()
    assert codes(account) == await codes_on_service(account)
    assert first not in codes(account)


async def test_code_keeps_its_number_after_others_are_used(account: Account, places: AppPaths) -> None:
    first, *others = codes(account)
    await account.authenticate(parse_code(first.reveal()), step_up=True)
    await account.client.authenticate_mfa_recovery_code(account._token, others[3])  # on another device
    await account.read_codes()
    assert account.state.numbers == (2, 3, 4, 6, 7, 8, 9, 10)
    known = record(places).current
    assert known is not None
    assert [(code.used_at is not None, code.used_here) for code in known.codes[:6]] == [
        (True, True),
        (False, False),
        (False, False),
        (False, False),
        (True, False),
        (False, False),
    ]


async def test_interrupted_use_is_named_at_the_next_start(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    code = codes(account)[6]

    async def killed(_request: httpx.Request, carry: Pass) -> httpx.Response:
        await carry()
        raise SystemExit(137)

    network.faults[USE] = killed
    with pytest.raises(SystemExit):
        await account.authenticate(parse_code(code.reveal()), step_up=True)
    network.faults.clear()
    async with connection.open_account(places, timing=FAST) as later:
        await later.resume_session()
        await later.read_codes()
        assert "Code 7 was sent before" in str(later.state.warning)
        assert "It is used up." in str(later.state.warning)
        await later.read_codes()
    assert record(places).use is None


async def test_unsent_use_leaves_nothing_in_the_record(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    network.faults[USE] = not_reached
    with pytest.raises(errors.NotSentError):
        await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)
    assert record(places).use is None


async def test_code_can_be_used_while_the_record_is_locked(account: Account, places: AppPaths) -> None:
    set_timing(account, use_lock_timeout=0)
    async with connection.open_account(places, timing=FAST) as other:
        await other.resume_session()
        async with other._record():
            await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)


async def test_set_that_another_device_replaced_is_not_confirmed(account: Account, network: FaultyTransport) -> None:
    shown = account.state.codes
    await account.client.create_new_mfa_recovery_codes(account._token)
    with pytest.raises(errors.RecoveryCodesChangedError):
        await account.acknowledge_recovery_codes(shown)
    assert network.count(ACKNOWLEDGE) == 0
    assert codes(account) == await codes_on_service(account)
    assert rotation_status(account) is RotationStatus.ELSEWHERE


async def test_set_replaced_right_before_the_confirmation_is_refused(
    account: Account, network: FaultyTransport
) -> None:
    async def race(_request: httpx.Request, carry: Pass) -> httpx.Response:
        await account.client.create_new_mfa_recovery_codes(account._token)
        return await carry()

    network.faults[ACKNOWLEDGE] = race
    with pytest.raises(errors.RecoveryCodesChangedError):
        await account.acknowledge_recovery_codes(account.state.codes)
    assert account.state.stage is Stage.CODES_NOT_CONFIRMED
    assert codes(account) == await codes_on_service(account)


async def test_lost_response_to_the_confirmation_is_looked_up(account: Account, network: FaultyTransport) -> None:
    network.faults[ACKNOWLEDGE] = lost_after
    await account.acknowledge_recovery_codes(account.state.codes)
    assert account.state.stage is Stage.READY


async def test_lost_confirmation_is_not_taken_for_that_of_another_set(
    account: Account, network: FaultyTransport
) -> None:
    async def confirmed_elsewhere(request: httpx.Request, _carry: Pass) -> httpx.Response:
        network.faults[ACKNOWLEDGE] = straight
        other = await account.client.create_new_mfa_recovery_codes(account._token)
        await account.client.acknowledge_recovery_codes(account._token, NO_STEP_UP_TOKENS, shown=other.recovery_codes)
        raise httpx.ReadTimeout("", request=request)

    network.faults[ACKNOWLEDGE] = confirmed_elsewhere
    with pytest.raises(errors.RecoveryCodesChangedError):
        await account.acknowledge_recovery_codes(account.state.codes)
    assert codes(account) == await codes_on_service(account)


async def test_set_without_codes_proves_no_rotation(account: Account, network: FaultyTransport) -> None:
    outcome = await account.create_new_mfa_recovery_codes()
    assert outcome.codes is not None
    network.faults[READ] = changes(lambda _: {"count": 0, "recoveryCodes": []})
    assert await account.check_rotation(outcome.codes) is RotationStatus.UNKNOWN


async def test_replaced_set_is_not_called_confirmed(saved: Account) -> None:
    await saved.client.create_new_mfa_recovery_codes(saved._token)
    await saved.read_codes()
    assert rotation_status(saved) is RotationStatus.ELSEWHERE
    assert saved.state.stage is Stage.CODES_NOT_CONFIRMED


async def test_late_request_after_a_second_rotation_replaces_nothing(
    account: Account, places: AppPaths, network: FaultyTransport, wait: Callable[[float], None]
) -> None:
    held: list[Pass] = []

    async def late(request: httpx.Request, carry: Pass) -> httpx.Response:
        held.append(carry)
        raise httpx.ReadTimeout("", request=request)

    network.faults[ROTATE] = late
    await account.create_new_mfa_recovery_codes()
    wait(121)
    network.faults[ROTATE] = straight
    await account.read_codes()
    outcome = await account.create_new_mfa_recovery_codes()
    assert outcome.codes is not None
    for deliver in held:
        await deliver()
    assert await account.check_rotation(outcome.codes) is RotationStatus.ROTATED
    assert is_open(places)


async def test_shown_codes_are_recorded_after_the_session_has_ended(account: Account, places: AppPaths) -> None:
    outcome = await account.create_new_mfa_recovery_codes()
    assert outcome.codes is not None
    assert is_open(places)
    await account.sign_out()
    await account.mark_shown(outcome.codes)
    assert not is_open(places)


async def test_nothing_is_recorded_before_a_session_exists(signed_out: Account) -> None:
    with pytest.raises(errors.NotSignedInError):
        await signed_out.mark_shown(models.RecoveryCodes(recovery_codes=(), count=0))
