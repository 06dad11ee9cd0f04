"""The public screens in a textual app that knows nothing of them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from mfa_tui.account.account import Account
from mfa_tui.account.rotation import RotationOutcome
from mfa_tui.account.state import RotationStatus
from mfa_tui.tui import ChallengeScreen, RecoveryCodesScreen, RotateScreen
from tests.tui.conftest import ShowApp

CODE = re.compile(r"[A-Z2-9]{5} [A-Z2-9]{5}")


def text(app: App[None]) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips(app.size))


async def wait_until(condition: Callable[[], bool], app: App[None]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(text(app))


@asynccontextmanager
async def pushed(
    make: Callable[[], Screen[Any]], results: list[object], size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[App[None], "Pilot[None]"]]:
    """Run a plain app that pushes a screen and collects its result."""
    app: App[None] = App()
    async with app.run_test(size=size) as pilot:
        app.push_screen(make(), results.append)
        yield app, pilot


async def test_codes_are_shown_and_quit_returns_to_the_app(account: Account) -> None:
    await account.acknowledge_recovery_codes(account.state.codes)
    results: list[object] = []
    async with pushed(lambda: RecoveryCodesScreen(account), results) as (app, pilot):
        await wait_until(lambda: len(CODE.findall(text(app))) == 10, app)
        assert "c Copy" not in text(app), "there is no clipboard"
        await pilot.press("q")
        await wait_until(lambda: results == [None], app)
        assert app.return_code is None


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_screens_look_the_same_in_another_app(account: Account, show_app: ShowApp, size: tuple[int, int]) -> None:
    async with show_app(account, size=size) as ours:
        await ours.wait_for_codes()
        codes = await ours.settled_text()
        await ours.press("R")
        question = await ours.wait_for_text("Keep the existing codes", "Replace them")
    async with pushed(lambda: RecoveryCodesScreen(account), [], size) as (app, pilot):
        await wait_until(lambda: text(app) == codes, app)
        await pilot.press("R")
        await wait_until(lambda: text(app) == question, app)


async def test_rotate_screen_dismisses_with_the_outcome(account: Account) -> None:
    results: list[object] = []
    async with pushed(lambda: RotateScreen(account), results) as (app, pilot):
        await wait_until(lambda: "Replace them" in text(app), app)
        await pilot.press("right", "enter")
        await wait_until(lambda: bool(results), app)
    (outcome,) = results
    assert isinstance(outcome, RotationOutcome)
    assert outcome.status is RotationStatus.ROTATED


async def test_rotate_screen_dismisses_with_none_if_declined(account: Account) -> None:
    results: list[object] = []
    async with pushed(lambda: RotateScreen(account), results) as (app, pilot):
        await wait_until(lambda: "Replace them" in text(app), app)
        await pilot.press("enter")
        await wait_until(lambda: results == [None], app)


async def test_challenge_screen_dismisses_with_true_once_passed(account: Account) -> None:
    codes = account.state.codes
    assert codes is not None
    await account.acknowledge_recovery_codes(account.state.codes)
    await account.sign_in_automatically()
    results: list[object] = []
    async with pushed(lambda: ChallengeScreen(account), results) as (app, pilot):
        await wait_until(lambda: isinstance(app.focused, Input), app)
        await pilot.press(*codes.recovery_codes[0].reveal().replace(" ", ""), "enter")
        await wait_until(lambda: results == [True], app)


async def test_challenge_screen_dismisses_with_false_if_given_up(account: Account) -> None:
    await account.acknowledge_recovery_codes(account.state.codes)
    await account.sign_in_automatically()
    results: list[object] = []
    async with pushed(lambda: ChallengeScreen(account), results) as (app, pilot):
        await wait_until(lambda: isinstance(app.focused, Input), app)
        await pilot.press("escape")
        await wait_until(lambda: results == [False], app)
        assert app.return_code is None
