"""A rotation with a lost response is reconciled by reading the set, now or at the next start."""

import contextlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus, Stage
from mfa_tui.client import errors
from mfa_tui.storage.paths import AppPaths
from tests.support.facts import codes, codes_on_service, is_open, rotation_status
from tests.support.timing import FAST, set_timing
from tests.support.transport import (
    READ,
    ROTATE,
    WITHHELD,
    Fault,
    FaultyTransport,
    Pass,
    after,
    changes,
    lost_after,
    lost_before,
    not_reached,
    refuses,
    starting,
    straight,
)


@pytest.fixture
def long_ago(account: Account) -> None:
    """Treat every request as over at once."""
    set_timing(account, request_max_age=0)


LOSSES: list[Fault] = [lost_after, changes(lambda _: "<html>"), changes(lambda _: {})]


@pytest.mark.parametrize("fault", LOSSES)
async def test_lost_response_is_reconciled_by_reading_the_set(
    saved: Account, network: FaultyTransport, fault: Fault
) -> None:
    old = codes(saved)
    network.faults[ROTATE] = fault
    await saved.create_new_mfa_recovery_codes()
    assert rotation_status(saved) is RotationStatus.ROTATED
    assert codes(saved) == await codes_on_service(saved) != old
    assert saved.state.stage is Stage.CODES_NOT_CONFIRMED
    assert network.count(ROTATE) == 1


@pytest.mark.usefixtures("long_ago")
async def test_lost_request_replaces_nothing(account: Account, places: AppPaths, network: FaultyTransport) -> None:
    old = codes(account)
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.NOT_ROTATED
    assert codes(account) == old == await codes_on_service(account)
    assert network.count(ROTATE) == 1
    assert not is_open(places)


async def test_rotation_stays_open_while_the_request_may_be_handled(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    old = codes(account)
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.NOT_ROTATED
    assert network.count(READ) == 2 + len(FAST.reconcile_delays)
    # The request arrives after the last read of the set.
    network.faults.clear()
    await account.client.create_new_mfa_recovery_codes(account._token)
    async with connection.open_account(places) as later:
        await later.resume_session()
        await later.read_codes()
        assert rotation_status(later) is RotationStatus.ROTATED
        assert codes(later) == await codes_on_service(later) != old


async def test_reconciliation_waits_for_a_late_response(account: Account, network: FaultyTransport) -> None:
    old = codes(account)
    network.faults[ROTATE] = lost_before
    looks = 0

    async def late(_request: httpx.Request, carry: Pass) -> httpx.Response:
        nonlocal looks
        looks += 1
        if looks == 3:
            del network.faults[ROTATE]
            await account.client.create_new_mfa_recovery_codes(account._token)
        return await carry()

    network.faults[READ] = late
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.ROTATED
    assert codes(account) == await codes_on_service(account) != old


@pytest.mark.parametrize("fault", [lost_before, lost_after])
@pytest.mark.parametrize("reading", [not_reached, lost_before, refuses(500, {}), refuses(429, {}), refuses(401, {})])
async def test_rotation_is_unknown_until_the_set_can_be_read(
    account: Account, network: FaultyTransport, fault: Fault, reading: Fault
) -> None:
    old = codes(account)
    network.faults[ROTATE] = starting(network, {READ: reading}, fault)
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.UNKNOWN
    assert codes(account) == old
    network.faults.clear()
    set_timing(account, request_max_age=0)
    await account.read_codes()
    assert rotation_status(account) is (RotationStatus.ROTATED if fault is lost_after else RotationStatus.NOT_ROTATED)
    assert codes(account) == await codes_on_service(account)
    assert network.count(ROTATE) == 1
    assert account.state.codes is not None
    await account.mark_shown(account.state.codes)
    await account.read_codes()
    assert rotation_status(account) is None


async def test_unknown_rotation_asks_to_sign_in_if_the_session_ended(
    account: Account, network: FaultyTransport
) -> None:
    network.faults[ROTATE] = starting(network, {READ: refuses(401, {"error": "no"})}, lost_after)
    await account.create_new_mfa_recovery_codes()  # and not from here: the caller would rotate again
    with pytest.raises(errors.NotSignedInError):
        await account.read_codes()
    assert rotation_status(account) is RotationStatus.UNKNOWN


async def test_short_network_failure_leaves_no_doubt(account: Account, network: FaultyTransport) -> None:
    network.faults[ROTATE] = starting(network, {READ: after(lambda: network.faults.pop(READ), not_reached)}, lost_after)
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.ROTATED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body | {"recoveryCodes": body["recoveryCodes"][:9], "count": 9},
        lambda body: body | {"recoveryCodes": body["recoveryCodes"][:9]},
        lambda body: body | {"count": 9},
        lambda body: body | {"count": 11},
        lambda body: body | {"recoveryCodes": [*body["recoveryCodes"][:9], body["recoveryCodes"][0]]},
        lambda _: {"count": 0, "recoveryCodes": []},
    ],
    ids=["nine", "nine of ten", "wrong count", "high count", "twice the same", "none"],
)
async def test_incomplete_response_is_not_a_success(
    account: Account, network: FaultyTransport, spoil: Callable[[dict[str, Any]], object]
) -> None:
    network.faults[ROTATE] = changes(spoil)
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.ROTATED
    assert codes(account) == await codes_on_service(account)


async def test_old_set_in_the_response_is_not_a_success(account: Account, network: FaultyTransport) -> None:
    old = codes(account)
    body = {"count": 10, "recoveryCodes": [code.reveal() for code in old]}
    network.faults[ROTATE] = refuses(200, body)
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.NOT_ROTATED
    assert codes(account) == old


async def test_one_old_code_in_the_response_is_not_a_success(account: Account, network: FaultyTransport) -> None:
    old = codes(account)
    network.faults[ROTATE] = changes(
        lambda body: body | {"recoveryCodes": [old[3].reveal(), *body["recoveryCodes"][1:]]}
    )
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.ROTATED
    assert codes(account) == await codes_on_service(account)


async def test_codes_used_elsewhere_do_not_make_a_new_set(account: Account, network: FaultyTransport) -> None:
    await account.client.authenticate_mfa_recovery_code(account._token, codes(account)[0])
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.NOT_ROTATED
    assert len(codes(account)) == 9


async def test_empty_set_differs_from_the_new_set(account: Account, network: FaultyTransport) -> None:
    for code in codes(account):
        await account.client.authenticate_mfa_recovery_code(account._token, code)
    await account.read_codes()
    assert codes(account) == ()
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.NOT_ROTATED
    set_timing(account, request_max_age=0)
    network.faults[ROTATE] = lost_after
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.ROTATED
    assert len(codes(account)) == 10


@pytest.mark.parametrize(
    ("fault", "found", "stays"),
    [(lost_after, RotationStatus.ROTATED, True), (lost_before, RotationStatus.NOT_ROTATED, False)],
)
@pytest.mark.usefixtures("long_ago")
async def test_acknowledgement_decides_if_the_set_is_not_listed(  # noqa: PLR0917 - three are fixtures
    saved: Account, places: AppPaths, network: FaultyTransport, fault: Fault, found: RotationStatus, stays: bool
) -> None:
    saved._set_state(replace(saved.state, codes=None))
    network.faults |= {ROTATE: fault, READ: WITHHELD}
    await saved.create_new_mfa_recovery_codes()
    assert rotation_status(saved) is found
    assert saved.state.codes is None
    assert is_open(places) is stays


async def test_unseen_new_set_is_looked_for_at_each_start(
    saved: Account, places: AppPaths, network: FaultyTransport
) -> None:
    network.faults |= {ROTATE: lost_after, READ: WITHHELD}
    await saved.create_new_mfa_recovery_codes()
    for fault, shown in ((WITHHELD, False), (WITHHELD, False), (straight, True)):
        network.faults[READ] = fault
        async with connection.open_account(places) as later:
            await later.resume_session()
            await later.read_codes()
            assert rotation_status(later) is RotationStatus.ROTATED
            assert (later.state.codes is not None) is shown


async def test_rotation_stays_unknown_without_any_evidence(account: Account, network: FaultyTransport) -> None:
    network.faults |= {ROTATE: lost_after, READ: WITHHELD}
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.UNKNOWN


@pytest.mark.parametrize("fault", [lost_before, lost_after])
async def test_rotation_of_a_set_that_was_not_listed_stays_undetermined(
    account: Account, network: FaultyTransport, fault: Fault
) -> None:
    await account.client.create_new_mfa_recovery_codes(account._token)  # by another device: the record is of an old set
    account._set_state(replace(account.state, codes=None))
    network.faults |= {ROTATE: fault, READ: WITHHELD}
    await account.create_new_mfa_recovery_codes()
    network.faults.clear()
    await account.read_codes()
    assert rotation_status(account) is RotationStatus.UNDETERMINED
    assert codes(account) == await codes_on_service(account)


async def test_unread_set_is_read_before_it_is_replaced(account: Account, network: FaultyTransport) -> None:
    old = codes(account)
    account._set_state(replace(account.state, codes=None))
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    assert rotation_status(account) is RotationStatus.NOT_ROTATED
    assert codes(account) == old


@pytest.mark.parametrize("second", [refuses(429, {"error": "slow"}), lost_before, not_reached])
async def test_failed_second_attempt_keeps_the_first_one(
    account: Account, places: AppPaths, network: FaultyTransport, second: Fault
) -> None:
    old = codes(account)
    network.faults[ROTATE] = starting(network, {READ: WITHHELD}, lost_after)
    await account.create_new_mfa_recovery_codes()
    set_timing(account, request_max_age=0)
    network.faults[ROTATE] = second
    with contextlib.suppress(errors.ApiError):
        await account.create_new_mfa_recovery_codes()
    assert is_open(places)
    network.faults.clear()
    await account.read_codes()
    assert rotation_status(account) is RotationStatus.ROTATED
    assert codes(account) == await codes_on_service(account) != old


async def test_unseen_set_cannot_be_acknowledged(account: Account, network: FaultyTransport) -> None:
    network.faults[ROTATE] = starting(network, {READ: not_reached}, lost_after)
    await account.create_new_mfa_recovery_codes()
    with pytest.raises(Exception, match="not known whether"):
        await account.acknowledge_recovery_codes()
    network.faults.clear()
    with pytest.raises(Exception, match="were replaced since"):
        await account.acknowledge_recovery_codes()
    assert account.state.stage is Stage.CODES_NOT_CONFIRMED
