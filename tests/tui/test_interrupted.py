"""Keys pressed while a request is under way: no code is lost, and the screen stays true."""

import asyncio
import re

import httpx
import pytest

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.client import transport
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui import navigator
from mfa_tui.workflows import messages
from tests.support.timing import set_timing
from tests.support.transport import (
    ACKNOWLEDGE,
    READ,
    ROTATE,
    USE,
    WHO,
    FaultyTransport,
    Pass,
    changes,
    lost_after,
    not_reached,
    starting,
)
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import be_asked_before_removing, be_challenged, enrol, save, sign_in

CONFIRM = "POST /users/mfa/auth/totp"


class Held:
    """Lets the service act, and holds its response until `let_go` is set."""

    def __init__(self) -> None:
        self.acted = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, _request: httpx.Request, carry: Pass) -> httpx.Response:
        answer = await carry()
        self.acted.set()
        await self.let_go.wait()
        return answer


async def refused_once(hosted: Hosted, line: str, status: int, error: str) -> None:
    """Refuse the first of these requests."""

    async def refuse(_request: httpx.Request, _carry: Pass) -> httpx.Response:
        del hosted.network.faults[line]
        return httpx.Response(status, json={"error": error})

    hosted.network.faults[line] = refuse


async def test_slow_first_read_is_not_broken_off(
    places: AppPaths, show_app: ShowApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, let_go = FaultyTransport(), asyncio.Event()
    finished: list[httpx.Response] = []

    async def slow_once(_request: httpx.Request, carry: Pass) -> httpx.Response:
        del network.faults[READ]
        answer = await carry()
        await let_go.wait()
        finished.append(answer)
        return answer

    network.faults[READ] = slow_once
    monkeypatch.setattr(transport, "in_process", network.to)
    monkeypatch.setattr(navigator, "_AT_ONCE", 0.01)
    async with connection.open_account(places) as account, show_app(account) as pilot:
        await pilot.wait_for_text("Reading your codes")
        let_go.set()
        await pilot.wait_for_codes()
    assert finished


async def test_quit_during_a_rotation_takes_a_second_key(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    hosted.network.faults[ROTATE] = held = Held()
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("R")
        await pilot.wait_for_text("Replace all recovery codes?")
        await pilot.press("right", "enter")
        await held.acted.wait()
        await pilot.interrupt("q")
        await pilot.wait_for_text("The codes are being replaced", "press the key once more")
        await pilot.interrupt("q")
        await pilot.wait_for_exit()
        assert pilot.app.return_code == 7
        assert "the next start finds out" in (pilot.app.return_value or "")


async def test_ctrl_c_in_a_dialog_shows_the_quit_question(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("R")
        await pilot.wait_for_text("Replace all recovery codes?")
        await pilot.press("ctrl+c")
        await pilot.wait_until(lambda: "Replace all" not in pilot.words, "the dialogue to go")
        assert hosted.network.count(ROTATE) == 0
        await pilot.press("ctrl+c")
        await pilot.wait_for_exit()


async def test_quit_while_a_code_is_sent_warns_that_it_may_be_used(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        hosted.network.faults[USE] = held = Held()
        await pilot.type(codes[0])
        await pilot.press("enter")
        await held.acted.wait()
        await pilot.interrupt("escape")
        await pilot.wait_for_text("it may be used up", "press the key once more")
        held.let_go.set()
        await pilot.wait_for_text("9 of 10 left")


async def test_escape_does_not_drop_a_step_up_under_way(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_asked_before_removing(pilot)
        hosted.network.faults[USE] = held = Held()
        await pilot.type(codes[0])
        await pilot.press("enter")
        await held.acted.wait()
        await pilot.interrupt("escape")
        held.let_go.set()
        await pilot.wait_for_text("The app is removed.")
        await pilot.press("escape")
        assert codes[0] not in {code.replace(" ", "") for code in (await pilot.wait_for_codes(9)).values()}


async def test_codes_read_before_one_was_used_are_not_shown(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_asked_before_removing(pilot)
        hosted.network.faults[READ] = held = Held()
        reading = asyncio.create_task(hosted.account.read_codes())
        await held.acted.wait()
        await pilot.type(codes[0])
        await pilot.press("enter")
        await pilot.wait_for_text("The app is removed.")
        held.let_go.set()
        await reading
        assert hosted.account.state.codes is not None
        assert hosted.account.state.codes.count == 9


async def test_codes_are_read_again_after_a_step_up_used_one(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    await hosted.account.read_codes()
    await refused_once(hosted, ACKNOWLEDGE, 403, "Elevated access token required")
    async with show_app(hosted.account) as pilot:
        codes = await pilot.wait_for_codes()
        await pilot.press("v")
        for step in ("1 of 2", "2 of 2"):
            screen = await pilot.wait_for_text("characters of code", step)
            asked = re.search(r"of code (\d+)", screen)
            assert asked is not None
            await pilot.type(codes[int(asked[1])][-4:])
            await pilot.press("enter")
        await pilot.wait_for_text("Confirm your identity")
        await pilot.type(codes[1].replace(" ", ""))
        await pilot.press("enter")
        await pilot.wait_for_text("9 of 10 left", "Confirmed")
        assert codes[1] not in pilot.codes().values()


async def test_no_code_is_used_for_a_session_that_needs_none(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    hosted.account._set_state(State())
    await refused_once(hosted, USE, 401, "the session has ended")
    async with show_app(hosted.account, challenge_alone=True) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("on its way")
        await pilot.type(hosted.mail())
        await pilot.wait_for_text("needs a second factor")
        await pilot.type(codes[0])
        await pilot.press("enter")
        await pilot.wait_for_exit()
    await hosted.account.read_codes()
    assert messages.codes_left(hosted.account.state) == "10 of 10 left"


async def test_abandoned_challenge_exits_with_1(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    await hosted.account.sign_out()
    async with show_app(hosted.account, challenge_alone=True) as pilot:
        await pilot.wait_for_text("A code will be sent")
        await pilot.press("ctrl+c")
        await pilot.wait_for_exit()
        assert pilot.app.return_code == 1


async def test_set_not_replaced_so_far_can_be_read_again(hosted: Hosted, show_app: ShowApp) -> None:
    set_timing(hosted.account, reconcile_delays=(0.0,))
    await save(hosted)

    async def lose(request: httpx.Request, _carry: Pass) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    hosted.network.faults[ROTATE] = lose
    async with show_app(hosted.account) as pilot:
        before = await pilot.wait_for_codes()
        await pilot.press("R")
        await pilot.wait_for_text("Replace all recovery codes?")
        await pilot.press("right", "enter")
        await pilot.wait_for_text("so far")
        del hosted.network.faults[ROTATE]
        await hosted.account.client.create_new_mfa_recovery_codes(hosted.account._token)
        await pilot.press("r")
        await pilot.wait_for_text("The codes were replaced: these are the new ones")
        assert not set((await pilot.wait_for_codes()).values()) & set(before.values())


async def test_passed_challenge_is_not_shown_as_pending(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type(codes[0])
        await pilot.press("enter")
        screen = await pilot.wait_for_text("9 of 10 left")
        assert "challenge pending" not in screen


async def test_advice_returns_after_reading_an_unchanged_set(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left", "Each code works once")
        hosted.network.faults[READ] = held = Held()
        await pilot.press("r")
        await held.acted.wait()
        await pilot.wait_for_text("Reading your codes…")
        held.let_go.set()
        await pilot.wait_for_text("Each code works once")


async def test_long_codes_are_shown_in_full(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)

    def lengthen(body: dict[str, list[str]]) -> object:
        return body | {"recoveryCodes": [f"{code}XYZ" for code in body["recoveryCodes"]]}

    hosted.network.faults[READ] = changes(lengthen)
    async with show_app(hosted.account) as pilot:
        screen = await pilot.wait_for_text("10 of 10 left")
        await pilot.wait_until(lambda: pilot.text.count("XYZ") == 10, f"ten whole codes in {screen}")


async def test_keys_are_ignored_while_an_app_is_confirmed(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    hosted.network.faults[CONFIRM] = held = Held()
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        enrolling = asyncio.create_task(enrol(pilot))
        await held.acted.wait()
        await pilot.interrupt("f2", "escape")
        held.let_go.set()
        await enrolling
        await pilot.press("escape")
        await pilot.wait_for_text("10 of 10 left")


async def test_quit_question_stays_while_codes_are_read(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_text("Not confirmed yet")
        await pilot.interrupt("r", "ctrl+c")
        await pilot.wait_for_text("press the key once more")
        await pilot.wait_until(lambda: not getattr(pilot.app.screen, "busy", False), "the codes")
        await pilot.wait_for_text("press the key once more")
        await pilot.press("down")
        await pilot.wait_for_text("Not confirmed yet")
        assert "once more" not in pilot.words


async def test_key_pressed_while_codes_are_read_is_not_lost(show_app: ShowApp, hosted: Hosted) -> None:
    await sign_in(hosted)
    held = Held()
    async with show_app(hosted.account, clipboard_kind=BackendKind.TERMINAL) as pilot:
        await pilot.wait_for_text("Not confirmed yet")
        await pilot.wait_until(lambda: not getattr(pilot.app.screen, "busy", False), "the codes")
        hosted.network.faults[READ] = held
        await pilot.interrupt("r")
        await held.acted.wait()
        await pilot.interrupt("c")
        held.let_go.set()
        await pilot.wait_for_text("Sent code 1")


async def test_codes_that_were_not_reached_are_read_again_by_a_shown_key(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    hosted.network.faults[READ] = not_reached
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("The service could not be reached", "r Read again")
        assert "h Hide" not in pilot.words
        del hosted.network.faults[READ]
        await pilot.press("r")
        await pilot.wait_for_text("10 of 10 left", "h Hide")
        assert "Read again" not in pilot.words


async def test_result_of_a_copy_stays_after_a_read(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    hosted.network.faults[WHO] = held = Held()  # a new set has been read, and then the user is
    async with show_app(hosted.account, clipboard_kind=BackendKind.TERMINAL) as pilot:
        await held.acted.wait()
        await pilot.wait_for_text("10 of 10 left", "Not confirmed yet")
        await pilot.interrupt("c")
        await pilot.wait_for_text("Sent code 1")
        held.let_go.set()
        await pilot.wait_until(lambda: not getattr(pilot.app.screen, "busy", False), "the end of the read")
        assert "Sent code 1" in pilot.words


async def test_codes_in_doubt_are_not_called_confirmed(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("confirmed · 10 of 10 left")
        hosted.network.faults[ROTATE] = starting(hosted.network, {READ: not_reached}, lost_after)
        await pilot.press("R")
        await pilot.wait_for_text("y Replace them")
        await pilot.interrupt("y")
        await pilot.wait_for_text("in doubt")
        assert "confirmed · in doubt" not in pilot.words
