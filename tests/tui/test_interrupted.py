"""What is on its way when a person goes elsewhere: no code is lost from sight, and nothing untrue is said."""

import asyncio
import re

import httpx

from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.workflows import messages
from tests.support.timing import set_timing
from tests.support.transport import ACKNOWLEDGE, READ, ROTATE, USE, Pass, changes
from tests.tui.conftest import Hosted, Watch
from tests.tui.test_factors import be_asked_before_removing, be_challenged, enrol, save, sign_in

CONFIRM = "POST /users/mfa/auth/totp"


class Held:
    """Has the service act, and keeps its answer back until it is let go."""

    def __init__(self) -> None:
        self.acted = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, _request: httpx.Request, carry: Pass) -> httpx.Response:
        answer = await carry()
        self.acted.set()
        await self.let_go.wait()
        return answer


async def refused_once(hosted: Hosted, line: str, status: int, error: str) -> None:
    """Have the first of these requests refused."""

    async def refuse(_request: httpx.Request, _carry: Pass) -> httpx.Response:
        del hosted.network.faults[line]
        return httpx.Response(status, json={"error": error})

    hosted.network.faults[line] = refuse


async def test_leaving_while_codes_are_being_made_takes_a_second_key(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    hosted.network.faults[ROTATE] = held = Held()
    async with watch(hosted.account) as watching:
        await watching.sees("10 of 10 left")
        await watching.press("n")
        await watching.sees("Replace all recovery codes?")
        await watching.press("right", "enter")
        await held.acted.wait()
        await watching.interrupt("q")
        await watching.sees("New codes are being made", "press the key once more")
        await watching.interrupt("q")
        await watching.ends()
        assert watching.app.return_code == 7
        assert "the next start finds out" in (watching.app.return_value or "")


async def test_ctrl_c_in_a_dialogue_over_unsaved_codes_warns_where_it_can_be_seen(hosted: Hosted, watch: Watch) -> None:
    await sign_in(hosted)
    async with watch(hosted.account) as watching:
        await watching.sees_codes()
        await watching.press("n")
        await watching.sees("Replace all recovery codes?")
        await watching.press("ctrl+c")
        await watching.until(lambda: "Replace all" not in watching.words, "the dialogue to go")
        assert hosted.network.count(ROTATE) == 0
        await watching.press("ctrl+c")
        await watching.ends()


async def test_leaving_while_a_code_is_on_its_way_says_that_it_may_be_spent(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        hosted.network.faults[USE] = held = Held()
        await watching.type(codes[0])
        await watching.press("enter")
        await held.acted.wait()
        await watching.interrupt("escape")
        await watching.sees("it may be spent", "press the key once more")
        held.let_go.set()
        await watching.sees("9 of 10 left")


async def test_going_back_does_not_drop_a_step_up_that_is_on_its_way(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    async with watch(hosted.account) as watching:
        await be_asked_before_removing(watching)
        hosted.network.faults[USE] = held = Held()
        await watching.type(codes[0])
        await watching.press("enter")
        await held.acted.wait()
        await watching.interrupt("escape")
        held.let_go.set()
        await watching.sees("No app yet")
        await watching.press("escape")
        assert codes[0] not in {code.replace(" ", "") for code in (await watching.sees_codes(9)).values()}


async def test_a_reading_from_before_a_code_was_used_is_not_shown(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    async with watch(hosted.account) as watching:
        await be_asked_before_removing(watching)
        hosted.network.faults[READ] = held = Held()
        reading = asyncio.create_task(hosted.account.read_codes())
        await held.acted.wait()
        await watching.type(codes[0])
        await watching.press("enter")
        await watching.sees("No app yet")
        held.let_go.set()
        await reading
        assert hosted.account.state.codes is not None
        assert hosted.account.state.codes.count == 9


async def test_codes_are_read_once_a_step_up_has_spent_one_in_the_middle_of_a_job(hosted: Hosted, watch: Watch) -> None:
    await sign_in(hosted)
    await hosted.account.read_codes()
    await refused_once(hosted, ACKNOWLEDGE, 403, "Elevated access token required")
    async with watch(hosted.account) as watching:
        codes = await watching.sees_codes()
        await watching.press("p")
        for step in ("1 of 2", "2 of 2"):
            screen = await watching.sees("characters of code", step)
            asked = re.search(r"of code (\d+)", screen)
            assert asked is not None
            await watching.type(codes[int(asked[1])][-4:])
            await watching.press("enter")
        await watching.sees("Confirm that it is you")
        await watching.type(codes[1].replace(" ", ""))
        await watching.press("enter")
        await watching.sees("9 of 10 left", "Saved")
        assert codes[1] not in watching.codes().values()


async def test_no_code_is_spent_on_a_session_that_needs_none(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    hosted.account._set_state(State())
    await refused_once(hosted, USE, 401, "the session has ended")
    async with watch(hosted.account, challenge_alone=True) as watching:
        await watching.press("enter")
        await watching.sees("on its way")
        await watching.type(hosted.mail())
        await watching.sees("needs a second factor")
        await watching.type(codes[0])
        await watching.press("enter")
        await watching.ends()
    await hosted.account.read_codes()
    assert messages.codes_left(hosted.account.state) == "10 of 10 left"


async def test_a_challenge_that_is_left_before_it_is_passed_is_not_done(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    await hosted.account.sign_out()
    async with watch(hosted.account, challenge_alone=True) as watching:
        await watching.sees("A code will be sent")
        await watching.press("ctrl+c")
        await watching.ends()
        assert watching.app.return_code == 1


async def test_a_set_that_was_not_replaced_so_far_can_be_read_again(hosted: Hosted, watch: Watch) -> None:
    set_timing(hosted.account, reconcile_delays=(0.0,))
    await save(hosted)

    async def lose(request: httpx.Request, _carry: Pass) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    hosted.network.faults[ROTATE] = lose
    async with watch(hosted.account) as watching:
        before = await watching.sees_codes()
        await watching.press("n")
        await watching.sees("Replace all recovery codes?")
        await watching.press("right", "enter")
        await watching.sees("so far")
        del hosted.network.faults[ROTATE]
        await hosted.account.client.create_new_mfa_recovery_codes(hosted.account._token)
        await watching.press("r")
        await watching.sees("The codes were replaced: these are the new ones")
        assert not set((await watching.sees_codes()).values()) & set(before.values())


async def test_a_challenge_that_takes_its_time_is_told_by_nothing_but_itself(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.type(codes[0])
        await watching.press("enter")
        screen = await watching.sees("9 of 10 left")
        assert "challenge pending" not in screen


async def test_reading_a_set_that_is_as_it_was_ends_in_what_to_do_next(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await watching.sees("10 of 10 left", "Each code works once")
        hosted.network.faults[READ] = held = Held()
        await watching.press("r")
        await held.acted.wait()
        await watching.sees("Reading your codes…")
        held.let_go.set()
        await watching.sees("Each code works once")


async def test_codes_of_any_length_are_shown_whole(hosted: Hosted, watch: Watch) -> None:
    await sign_in(hosted)

    def lengthen(body: dict[str, list[str]]) -> object:
        return body | {"recoveryCodes": [f"{code}XYZ" for code in body["recoveryCodes"]]}

    hosted.network.faults[READ] = changes(lengthen)
    async with watch(hosted.account) as watching:
        screen = await watching.sees("10 of 10 left")
        await watching.until(lambda: watching.text.count("XYZ") == 10, f"ten whole codes in {screen}")


async def test_no_key_gets_between_an_app_and_its_first_code(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    hosted.network.faults[CONFIRM] = held = Held()
    async with watch(hosted.account) as watching:
        await watching.sees("10 of 10 left")
        enrolling = asyncio.create_task(enrol(watching))
        await held.acted.wait()
        await watching.interrupt("f2", "escape")
        held.let_go.set()
        await enrolling
        await watching.press("escape")
        await watching.sees("10 of 10 left")


async def test_quit_question_stays_while_codes_are_read(watch: Watch, account: Account) -> None:
    async with watch(account) as watching:
        await watching.sees("Not saved yet")
        await watching.interrupt("r", "ctrl+c")
        await watching.sees("press the key once more")
        await watching.until(lambda: not getattr(watching.app.screen, "busy", False), "the codes")
        await watching.sees("press the key once more")
        await watching.press("down")
        await watching.sees("Not saved yet")
        assert "once more" not in watching.words


async def test_key_pressed_while_codes_are_read_is_not_lost(watch: Watch, hosted: Hosted) -> None:
    await sign_in(hosted)
    held = Held()
    async with watch(hosted.account, route=BackendKind.TERMINAL) as watching:
        await watching.sees("Not saved yet")
        await watching.until(lambda: not getattr(watching.app.screen, "busy", False), "the codes")
        hosted.network.faults[READ] = held
        await watching.interrupt("r")
        await held.acted.wait()
        await watching.interrupt("c")
        held.let_go.set()
        await watching.sees("Sent code 1")
