"""A rotation whose answer was lost is found out by reading the set back, now or at the next start."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mfa_tui import connect
from mfa_tui.account import recovery, rotation, session
from mfa_tui.account.account import Account
from mfa_tui.account.state import Ending, Stage
from mfa_tui.dynamic import errors
from mfa_tui.storage.places import Places
from tests.account.facts import codes, ending, journals, truth
from tests.account.line import (
    READ,
    ROTATE,
    Bend,
    Line,
    Pass,
    after,
    changes,
    lost_after,
    lost_before,
    not_reached,
    refuses,
    straight,
)

WITHHELD = refuses(403, {"error": "Recovery codes were acknowledged"})


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is over at once."""
    monkeypatch.setattr(rotation, "UNDER_WAY", 0)


LOSSES: list[Bend] = [lost_after, changes(lambda _: "<html>"), changes(lambda _: {})]


@pytest.mark.parametrize("bend", LOSSES)
async def test_a_lost_answer_is_found_out_by_reading_the_set_back(saved: Account, line: Line, bend: Bend) -> None:
    old = codes(saved)
    line.bends[ROTATE] = bend
    await rotation.rotate(saved)
    assert ending(saved) is Ending.ROTATED
    assert codes(saved) == await truth(saved) != old
    assert saved.state.stage is Stage.NOT_SAVED
    assert line.count(ROTATE) == 1


@pytest.mark.usefixtures("long_ago")
async def test_a_request_that_was_lost_on_the_way_has_replaced_nothing(
    account: Account, places: Places, line: Line
) -> None:
    old = codes(account)
    line.bends[ROTATE] = lost_before
    await rotation.rotate(account)
    assert ending(account) is Ending.NOT_ROTATED
    assert codes(account) == old == await truth(account)
    assert line.count(ROTATE) == 1
    assert journals(places) == []


async def test_while_the_service_may_yet_be_at_work_on_the_request_the_journal_stays(
    account: Account, places: Places, line: Line
) -> None:
    old = codes(account)
    line.bends[ROTATE] = lost_before
    await rotation.rotate(account)
    assert ending(account) is Ending.NOT_ROTATED
    assert line.count(READ) == 1 + len(rotation.SETTLING)
    # The request arrives after all, later than anybody looked.
    line.bends.clear()
    await account.client.create_new_mfa_recovery_codes(account.token)
    async with connect.open_account(places) as later:
        await session.resume(later)
        await recovery.read(later)
        assert ending(later) is Ending.ROTATED
        assert codes(later) == await truth(later) != old


async def test_an_answer_that_the_service_gives_late_is_waited_for(account: Account, line: Line) -> None:
    old = codes(account)
    line.bends[ROTATE] = lost_before
    looks = 0

    async def late(_request: httpx.Request, carry: Pass) -> httpx.Response:
        nonlocal looks
        looks += 1
        if looks == 2:
            del line.bends[ROTATE]
            await account.client.create_new_mfa_recovery_codes(account.token)
        return await carry()

    line.bends[READ] = late
    await rotation.rotate(account)
    assert ending(account) is Ending.ROTATED
    assert codes(account) == await truth(account) != old


@pytest.mark.parametrize("bend", [lost_before, lost_after])
@pytest.mark.parametrize("reading", [not_reached, lost_before, refuses(500, {}), refuses(429, {}), refuses(401, {})])
async def test_a_set_that_cannot_be_read_back_is_in_doubt_until_it_can(
    account: Account, line: Line, bend: Bend, reading: Bend, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = codes(account)
    line.bends |= {ROTATE: bend, READ: reading}
    await rotation.rotate(account)
    assert ending(account) is Ending.IN_DOUBT
    assert codes(account) == old
    line.bends.clear()
    monkeypatch.setattr(rotation, "UNDER_WAY", 0)
    await recovery.read(account)
    assert ending(account) is (Ending.ROTATED if bend is lost_after else Ending.NOT_ROTATED)
    assert codes(account) == await truth(account)
    assert line.count(ROTATE) == 1
    await recovery.read(account)
    assert ending(account) is None


async def test_a_set_in_doubt_leads_to_sign_in_where_the_session_has_ended(account: Account, line: Line) -> None:
    line.bends |= {ROTATE: lost_after, READ: refuses(401, {"error": "no"})}
    await rotation.rotate(account)  # and not from here: what asked for the rotation would ask again
    with pytest.raises(errors.NotSignedIn):
        await recovery.read(account)
    assert ending(account) is Ending.IN_DOUBT


async def test_a_line_that_comes_back_within_moments_leaves_no_doubt(account: Account, line: Line) -> None:
    line.bends |= {ROTATE: lost_after, READ: after(lambda: line.bends.pop(READ), not_reached)}
    await rotation.rotate(account)
    assert ending(account) is Ending.ROTATED


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
async def test_a_reply_that_is_no_full_set_is_not_called_a_success(
    account: Account, line: Line, spoil: Callable[[dict[str, Any]], object]
) -> None:
    line.bends[ROTATE] = changes(spoil)
    await rotation.rotate(account)
    assert ending(account) is Ending.ROTATED
    assert codes(account) == await truth(account)


async def test_the_old_set_as_the_reply_is_not_called_a_success(account: Account, line: Line) -> None:
    old = codes(account)
    body = {"count": 10, "recoveryCodes": [code.reveal() for code in old]}
    line.bends[ROTATE] = refuses(200, body)
    await rotation.rotate(account)
    assert ending(account) is Ending.NOT_ROTATED
    assert codes(account) == old


async def test_one_old_code_in_the_reply_is_not_called_a_success(account: Account, line: Line) -> None:
    old = codes(account)
    line.bends[ROTATE] = changes(lambda body: body | {"recoveryCodes": [old[3].reveal(), *body["recoveryCodes"][1:]]})
    await rotation.rotate(account)
    assert ending(account) is Ending.ROTATED
    assert codes(account) == await truth(account)


async def test_codes_that_were_used_elsewhere_do_not_make_another_set(account: Account, line: Line) -> None:
    await account.client.authenticate_mfa_recovery_code(account.token, codes(account)[0])
    line.bends[ROTATE] = lost_before
    await rotation.rotate(account)
    assert ending(account) is Ending.NOT_ROTATED
    assert len(codes(account)) == 9


async def test_a_set_without_a_code_left_is_told_from_the_new_one(account: Account, line: Line) -> None:
    for code in codes(account):
        await account.client.authenticate_mfa_recovery_code(account.token, code)
    await recovery.read(account)
    assert codes(account) == ()
    line.bends[ROTATE] = lost_before
    await rotation.rotate(account)
    assert ending(account) is Ending.NOT_ROTATED
    line.bends[ROTATE] = lost_after
    await rotation.rotate(account)
    assert ending(account) is Ending.ROTATED
    assert len(codes(account)) == 10


@pytest.mark.parametrize(
    ("bend", "found", "left"), [(lost_after, Ending.ROTATED, 1), (lost_before, Ending.NOT_ROTATED, 0)]
)
@pytest.mark.usefixtures("long_ago")
async def test_where_a_saved_set_is_not_listed_the_acknowledgement_tells(  # noqa: PLR0917 - three are fixtures
    saved: Account, places: Places, line: Line, bend: Bend, found: Ending, left: int
) -> None:
    saved.become(replace(saved.state, codes=None))
    line.bends |= {ROTATE: bend, READ: WITHHELD}
    await rotation.rotate(saved)
    assert ending(saved) is found
    assert saved.state.codes is None
    assert len(journals(places)) == left


async def test_a_new_set_that_nobody_has_seen_is_looked_for_at_each_start(
    saved: Account, places: Places, line: Line
) -> None:
    line.bends |= {ROTATE: lost_after, READ: WITHHELD}
    await rotation.rotate(saved)
    for bend, shown in ((WITHHELD, False), (WITHHELD, False), (straight, True)):
        line.bends[READ] = bend
        async with connect.open_account(places) as later:
            await session.resume(later)
            await recovery.read(later)
            assert ending(later) is Ending.ROTATED
            assert (later.state.codes is not None) is shown


async def test_where_neither_the_set_nor_the_acknowledgement_tells_it_stays_in_doubt(
    account: Account, line: Line
) -> None:
    line.bends |= {ROTATE: lost_after, READ: WITHHELD}
    await rotation.rotate(account)
    assert ending(account) is Ending.IN_DOUBT


async def test_a_set_that_is_listed_for_the_first_time_is_shown_without_a_claim(account: Account, line: Line) -> None:
    account.become(replace(account.state, codes=None))
    line.bends |= {ROTATE: lost_after, READ: WITHHELD}
    await rotation.rotate(account)
    line.bends.clear()
    await recovery.read(account)
    assert ending(account) is None
    assert codes(account) == await truth(account)


async def test_a_set_that_was_never_read_is_read_before_it_is_replaced(account: Account, line: Line) -> None:
    old = codes(account)
    account.become(replace(account.state, codes=None))
    line.bends[ROTATE] = lost_before
    await rotation.rotate(account)
    assert ending(account) is Ending.NOT_ROTATED
    assert codes(account) == old


@pytest.mark.parametrize("second", [refuses(429, {"error": "slow"}), lost_before, not_reached])
async def test_a_second_try_that_fails_does_not_lose_sight_of_the_first(
    account: Account, places: Places, line: Line, second: Bend
) -> None:
    old = codes(account)
    line.bends |= {ROTATE: lost_after, READ: not_reached}
    await rotation.rotate(account)
    line.bends[ROTATE] = second
    with contextlib.suppress(errors.DynamicError):
        await rotation.rotate(account)
    assert journals(places)
    line.bends.clear()
    await recovery.read(account)
    assert ending(account) is Ending.ROTATED
    assert codes(account) == await truth(account) != old


async def test_nobody_says_to_have_saved_a_set_that_nobody_has_seen(account: Account, line: Line) -> None:
    line.bends |= {ROTATE: lost_after, READ: not_reached}
    await rotation.rotate(account)
    with pytest.raises(Exception, match="not known whether"):
        await recovery.acknowledge(account)
    line.bends.clear()
    with pytest.raises(Exception, match="were replaced"):
        await recovery.acknowledge(account)
    assert account.state.stage is Stage.NOT_SAVED
