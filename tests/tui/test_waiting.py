"""The screens while the service does not answer."""

import asyncio

import httpx
from textual import events

from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import Timing
from tests.support.transport import READ, ROTATE, SETTINGS, Pass, stuck
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import sign_in

TIMING = Timing(long_wait=0.0, wait_tick=0.02)


async def test_copy_and_save_work_while_a_read_has_no_response(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, clipboard_kind=BackendKind.TERMINAL, timing=TIMING) as pilot:
        await pilot.wait_for_codes()
        await pilot.settled_text()
        hosted.network.faults[READ] = stuck
        await pilot.interrupt("r")
        await pilot.wait_for_text("Reading your codes…", "The service has not answered for", "Esc cancels.")
        await pilot.interrupt("c")
        await pilot.wait_for_text("code 1", "The service has not answered for", "Esc cancels.")
        await pilot.interrupt("C")
        await pilot.wait_for_text("10 codes")
        await pilot.interrupt("s")
        await pilot.wait_for_text("Save the codes to a new file")
        await pilot.interrupt("enter")
        await pilot.wait_for_text("Saved to")
        await pilot.interrupt("escape")
        await pilot.wait_for_text("Cancelled: the service had not answered. Nothing was changed")
        assert "Esc cancels" not in await pilot.settled_text()
        await pilot.wait_for_codes()


async def test_copy_works_while_a_refresh_has_no_response(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, clipboard_kind=BackendKind.TERMINAL, timing=TIMING) as pilot:
        await pilot.wait_for_codes()
        await pilot.settled_text()
        hosted.network.faults[READ] = stuck
        pilot.app.post_message(events.AppFocus())
        await pilot.wait_for_text("The service has not answered for", "Esc cancels.")
        for text in ("10 codes", "code 1", "10 codes"):
            await pilot.interrupt("C" if text == "10 codes" else "c")
            await pilot.wait_for_text(text)
        await pilot.interrupt("R")
        await pilot.wait_for_text("Checking…")


async def test_escape_says_what_is_unknown_once_a_rotation_was_sent(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    gate = asyncio.Event()

    async def held(_request: httpx.Request, carry: Pass) -> httpx.Response:
        await gate.wait()
        return await carry()

    async with show_app(hosted.account, timing=TIMING) as pilot:
        before = await pilot.wait_for_codes()
        hosted.network.faults[ROTATE] = held
        await pilot.press("R")
        await pilot.wait_for_text("y Replace them")
        await pilot.interrupt("y")
        await pilot.wait_for_text("The service has not answered for", "Esc says what is not known yet.")
        await pilot.interrupt("escape")
        await pilot.wait_for_text("It was sent already, so it cannot be cancelled", "may have stopped working already")
        gate.set()
        await pilot.wait_for_text("Replaced: the old codes no longer work")
        assert not set(before.values()) & set(pilot.codes().values())
        assert hosted.network.count(ROTATE) == 1


async def test_check_before_a_rotation_is_cancelled_with_it(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, timing=TIMING) as pilot:
        await pilot.wait_for_codes()
        await pilot.settled_text()
        hosted.network.faults[READ] = stuck
        await pilot.interrupt("R")
        await pilot.wait_for_text("Esc cancels.")
        await pilot.interrupt("escape")
        await pilot.wait_for_text("Cancelled: the service had not answered.")
        await pilot.settled_text()
        assert "Replace them" not in pilot.text


async def test_sign_in_is_cancelled_before_it_requests_a_code(hosted: Hosted, show_app: ShowApp) -> None:
    hosted.network.faults[SETTINGS] = stuck
    async with show_app(hosted.account, timing=TIMING) as pilot:
        await pilot.wait_for_text("A code will be sent")
        await pilot.press("enter")
        await pilot.wait_for_text("The service has not answered for", "Esc cancels.")
        await pilot.interrupt("escape")
        await pilot.wait_for_text("Cancelled: the service had not answered.")
        assert not list(hosted.service.outbox.glob("*"))
