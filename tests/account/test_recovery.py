"""The codes: read, counted, acknowledged, and written to a sheet."""

import msgspec
import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.errors import RotationUnderWayError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import parse_code
from mfa_tui.client import errors
from mfa_tui.client.headers import NO_STEP_UP_TOKENS
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.record_file import RecordFile
from mfa_tui.workflows import messages
from mfa_tui.workflows.challenge import read_codes_left
from mfa_tui.workflows.save import codes_sheet
from tests.support.facts import codes, codes_on_service, is_open, record, record_path
from tests.support.timing import set_timing
from tests.support.transport import (
    ACKNOWLEDGE,
    READ,
    REFRESH,
    ROTATE,
    WHO,
    Fault,
    FaultyTransport,
    lost_after,
    lost_before,
    not_reached,
    refuses,
    starting,
    straight,
)


async def test_codes_take_two_requests_after_sign_in(signed_out: Account, network: FaultyTransport) -> None:
    await signed_out.sign_in_automatically()
    network.noted.clear()
    await signed_out.read_codes()
    assert network.noted == [READ, WHO]
    network.noted.clear()
    await signed_out.read_codes()
    assert network.noted == [READ]


async def test_new_set_is_at_no_time_shown_as_confirmed(signed_out: Account) -> None:
    await signed_out.sign_in_automatically()
    shown: list[Stage] = []
    signed_out.subscribe(lambda state: shown.append(state.stage) if state.codes else None)
    await signed_out.read_codes()
    assert set(shown) == {Stage.CODES_NOT_CONFIRMED}


async def test_withheld_set_is_reported(saved: Account, network: FaultyTransport) -> None:
    network.faults[READ] = refuses(403, {"error": "no"})
    with pytest.raises(errors.CodesNotReturnedError, match="does not show these codes again"):
        await saved.read_codes()
    assert len(codes(saved)) == 10


@pytest.mark.parametrize(("left", "expected"), [(4, ""), (3, "Only 3"), (2, "Only 2"), (1, "last one"), (0, "No code")])
async def test_low_number_of_codes_gives_a_warning(
    account: Account, network: FaultyTransport, left: int, expected: str
) -> None:
    network.faults[READ] = refuses(200, {"count": left, "recoveryCodes": [f"ABCDEFGHI{n}" for n in range(left)]})
    await account.read_codes()
    assert messages.codes_left(account.state) == f"{left} of 10 left"
    warning = messages.low_codes(account.state)
    assert expected in str(warning or "")
    assert (warning is not None) is bool(expected)


@pytest.mark.parametrize(("damaged", "expected"), [(1, "One code is damaged"), (3, "3 codes are damaged")])
async def test_damaged_codes_are_named_and_hide_no_others(
    account: Account, network: FaultyTransport, damaged: int, expected: str
) -> None:
    network.faults[READ] = refuses(200, {"count": 1, "recoveryCodes": ["ABCDEFGHIJ"], "damaged": damaged})
    await account.read_codes()
    assert codes(account) == (Secret("ABCDEFGHIJ"),)
    assert expected in str(account.state.warning)


async def test_unreadable_count_does_not_fail_the_operation(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await read_codes_left(account) == "10 of 10 left"
    network.faults[READ] = not_reached
    assert await read_codes_left(account) == ""

    network.faults.clear()
    monkeypatch.setattr(RecordFile, "try_lock", lambda _: None)
    set_timing(account, record_lock_timeout=0)
    assert await read_codes_left(account) == ""


async def test_unread_codes_give_no_warning(signed_out: Account) -> None:
    assert messages.codes_left(signed_out.state) == ""
    assert messages.low_codes(signed_out.state) is None


async def test_codes_are_not_confirmed_while_a_rotation_may_be_under_way(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    with pytest.raises(RotationUnderWayError):
        await account.acknowledge_recovery_codes(account.state.codes)
    assert network.count(ACKNOWLEDGE) == 0
    set_timing(account, request_max_age=0)
    await account.acknowledge_recovery_codes(account.state.codes)
    assert account.state.stage is Stage.READY
    assert not is_open(places)


@pytest.mark.parametrize("fault", [not_reached, lost_before, refuses(500, {}), refuses(401, {"error": "no"})])
async def test_codes_stay_unsaved_if_the_acknowledgement_fails(
    account: Account, places: AppPaths, network: FaultyTransport, fault: Fault
) -> None:
    network.faults[ACKNOWLEDGE] = fault
    with pytest.raises(errors.ApiError):
        await account.acknowledge_recovery_codes(account.state.codes)
    assert account.state.stage is Stage.CODES_NOT_CONFIRMED
    confirmed = record(places).current
    assert confirmed is not None
    assert confirmed.confirmed_at is None


async def test_step_up_is_used_once(account: Account, network: FaultyTransport) -> None:
    shown = account.state.codes
    await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)
    network.faults[ACKNOWLEDGE] = refuses(403, {"error": "Elevated access token required"})
    for _ in range(2):
        with pytest.raises(errors.StepUpRequiredError):
            await account.acknowledge_recovery_codes(shown)
    first, second = [request for request in network.requests if request.method == "PUT"]
    assert first.headers[models.MFA_TOKEN_HEADER]
    assert first.headers[models.ELEVATED_TOKEN_HEADER]
    assert models.MFA_TOKEN_HEADER not in second.headers
    assert models.ELEVATED_TOKEN_HEADER not in second.headers


async def test_step_up_is_kept_if_the_action_was_not_sent(account: Account, network: FaultyTransport) -> None:
    shown = account.state.codes
    await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)
    held = account._step_up_tokens
    network.faults[ACKNOWLEDGE] = not_reached
    with pytest.raises(errors.NotSentError):
        await account.acknowledge_recovery_codes(shown)
    assert account._step_up_tokens == held != NO_STEP_UP_TOKENS
    network.faults.clear()
    await account.acknowledge_recovery_codes(shown)
    assert account._step_up_tokens == NO_STEP_UP_TOKENS


async def test_step_up_tokens_are_not_written_to_disk(account: Account, places: AppPaths) -> None:
    await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)
    held = [account._step_up_tokens.mfa_token, account._step_up_tokens.elevated_access_token]
    written = b"".join(path.read_bytes() for path in places.state.rglob("*") if path.is_file())
    assert all(isinstance(token, Secret) and token.reveal().encode() not in written for token in held)


async def test_sheet_names_the_user_service_time_and_number(account: Account) -> None:
    sheet = codes_sheet(account).as_text()
    assert "you@embedded.localhost" in sheet
    assert "built-in service" in sheet
    assert account.client.environment_id in sheet
    assert "codes:       10" in sheet
    assert "Each code works once." in sheet
    assert all(saved_codes.grouped(code.reveal()) in sheet for code in codes(account))
    assert saved_codes.count_codes(sheet, codes(account)).live == 10


WAYS = ["in a file"]


async def test_sheet_begins_with_a_warning_if_codes_may_be_replaced(account: Account, network: FaultyTransport) -> None:
    network.faults[ROTATE] = starting(network, {READ: not_reached}, lost_after)
    await account.create_new_mfa_recovery_codes()
    warning = codes_sheet(account).as_text()
    assert "in doubt:    these may have been replaced" in warning.split("\n\n")[1].splitlines()[0]
    assert saved_codes.count_codes(warning, codes(account)).live == 10


async def test_preflight_names_the_consequences_and_is_ready(account: Account) -> None:
    readiness = await account.prepare_rotation(["in a file", "on paper"])
    assert readiness.problems == ()
    assert messages.rotation_consequence(readiness.unused).startswith("10 unused codes stop working")
    assert "The service responds, your session lasts" in readiness.checks_passed
    assert "new codes can be saved in a file and on paper." in readiness.checks_passed


async def test_preflight_reads_the_set_again(account: Account) -> None:
    await account.client.authenticate_mfa_recovery_code(account._token, codes(account)[0])
    readiness = await account.prepare_rotation(WAYS)
    assert readiness.unused == 9
    assert len(codes(account)) == 9


@pytest.mark.parametrize(
    ("unused", "expected"), [(None, "All unused codes stop"), (1, "1 unused code stops"), (0, "No unused code is left")]
)
def test_consequence_of_a_rotation_is_in_words(unused: int | None, expected: str) -> None:
    assert messages.rotation_consequence(unused).startswith(expected)


async def test_preflight_names_the_obstacles_first(account: Account, network: FaultyTransport) -> None:
    network.faults |= {READ: not_reached, REFRESH: not_reached}
    assert account.state.session is not None
    await account._start_session(msgspec.structs.replace(account.state.session, since=0, expires_at=0))
    readiness = await account.prepare_rotation([])
    offline, session_ends, by_hand = readiness.problems
    assert "may stay unknown" in offline
    assert "sign in again first" in session_ends
    assert "pen and paper" in by_hand


async def test_preflight_refreshes_a_session_that_ends_soon(account: Account, network: FaultyTransport) -> None:
    assert account.state.session is not None
    await account._start_session(
        msgspec.structs.replace(account.state.session, expires_at=account.state.session.since + 60)
    )
    readiness = await account.prepare_rotation(WAYS)
    assert network.count(REFRESH) == 1
    assert readiness.problems == ()


async def test_preflight_finds_an_ended_session(account: Account, network: FaultyTransport) -> None:
    network.faults[READ] = refuses(401, {"error": "no"})
    with pytest.raises(errors.NotSignedInError):
        await account.prepare_rotation(WAYS)


async def test_withheld_set_can_be_rotated(saved: Account, network: FaultyTransport) -> None:
    network.faults[READ] = refuses(403, {"error": "no"})
    readiness = await saved.prepare_rotation(WAYS)
    assert readiness.problems == ()
    assert "The service responds" in readiness.checks_passed


async def test_unknown_rotation_is_settled_before_the_next(account: Account, network: FaultyTransport) -> None:
    network.faults[ROTATE] = starting(network, {READ: not_reached}, lost_after)
    await account.create_new_mfa_recovery_codes()
    network.faults.clear()
    readiness = await account.prepare_rotation(WAYS)
    assert readiness.found_unseen_codes


@pytest.mark.parametrize("reading", [straight, refuses(403, {"error": "no"})])
async def test_rotation_is_refused_while_a_request_is_under_way(
    account: Account, network: FaultyTransport, reading: Fault
) -> None:
    network.faults[ROTATE] = starting(network, {READ: reading}, lost_before)
    await account.create_new_mfa_recovery_codes()
    with pytest.raises(RotationUnderWayError, match="Wait 2 minutes, until "):
        await account.prepare_rotation(WAYS)
    set_timing(account, request_max_age=0)
    await account.prepare_rotation(WAYS)


async def test_unreadable_record_stops_a_rotation_and_no_reading(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    path = record_path(places)
    path.unlink()
    path.mkdir()
    await account.read_codes()
    assert codes(account) == await codes_on_service(account)
    assert "could not be" in str(account.state.warning)
    with pytest.raises(StorageError):
        await account.prepare_rotation(WAYS)
    with pytest.raises(StorageError):
        await account.create_new_mfa_recovery_codes()
    assert network.count(ROTATE) == 0
