"""Switching to another profile on the screens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual import events

from mfa_tui.account.account import Account
from mfa_tui.account.errors import RotationUnknownError
from mfa_tui.account.state import State
from mfa_tui.errors import UsageError
from mfa_tui.terminal import console
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.tui.screens.profiles import ProfilesScreen
from mfa_tui.tui.widgets.code_grid import CodeGrid
from mfa_tui.workflows.ui import Confirmation
from tests.support.app import AppPilot
from tests.support.transport import READ, ROTATE, WHO, not_reached
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import save, sign_in
from tests.tui.test_interrupted import Held

WORK = '[profiles.work]\nenvironment_id = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"\nemail = "me@example.org"\n'


@pytest.fixture
def config(home: Path) -> Path:
    """The configuration, with the profile work beside the built-in one."""
    path = home / ".config" / "mfa-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(WORK)
    return path


@pytest.fixture(autouse=True)
def hints(monkeypatch: pytest.MonkeyPatch) -> console.CommandHints:
    """The hints, which name no profile before and after the test."""
    monkeypatch.setattr(console.hints, "profile", None)
    return console.hints


class Accounts:
    """Opens accounts by the names of their profiles, and notes which ones it closes."""

    def __init__(self, accounts: dict[str | None, Account]) -> None:
        self._accounts = accounts
        self.closed: list[Account] = []

    @asynccontextmanager
    async def open(self, profile: str | None) -> AsyncIterator[Account]:
        """Open the account of a profile."""
        account = self._accounts[profile]
        yield account
        self.closed.append(account)


async def open_switcher(pilot: AppPilot, key: str = "p") -> None:
    await pilot.press(key)
    await pilot.wait_until(lambda: isinstance(pilot.app.screen, ProfilesScreen), "the profiles")


@pytest.mark.usefixtures("config")
async def test_switching_opens_the_other_account_and_closes_the_first(
    show_app: ShowApp, account: Account, hosted: Hosted, hints: console.CommandHints
) -> None:
    await save(hosted)
    accounts = Accounts({None: account, "work": hosted.account})
    async with show_app(account, open_account=accounts.open, clipboard_kind=BackendKind.TERMINAL) as pilot:
        first = await pilot.wait_for_codes()
        await pilot.press("C")
        await pilot.wait_for_text("clipboard:")
        await open_switcher(pilot)
        await pilot.wait_for_text("embedded (open now)", "work", "me@example.org", "enter Switch", "esc Back")
        assert accounts.closed == []
        for key in ("down", "enter"):  # in one burst, as over a slow connection
            pilot.app.post_message(events.Key(key, None))
        await pilot.wait_for_text("me@example.org · work, service.test", "confirmed · 10 of 10 left")
        second = await pilot.wait_for_codes()
        assert not set(first.values()) & set(second.values())
        assert "you@embedded.localhost" not in pilot.text
        assert "clipboard:" in pilot.text
        assert len(pilot.app.screen_stack) == 2
        assert (accounts.closed, account._subscribers) == ([account], [])
        assert hints.profile == "work"
    assert accounts.closed == [account]
    await pilot.app.close_account()
    assert accounts.closed == [account, hosted.account]


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_escape_and_the_open_profile_go_back(show_app: ShowApp, account: Account, key: str) -> None:
    async with show_app(account) as pilot:
        before = await pilot.wait_for_codes()
        await open_switcher(pilot)
        await pilot.press(key)
        await pilot.wait_until(lambda: not isinstance(pilot.app.screen, ProfilesScreen), "the codes screen")
        assert await pilot.wait_for_codes() == before


async def test_only_profile_says_how_to_make_another(show_app: ShowApp, account: Account) -> None:
    async with show_app(account, size=(40, 12)) as pilot:
        await pilot.wait_for_text("Recovery codes")
        await open_switcher(pilot)
        await pilot.wait_for_text("This is the only profile", "mfa-tui --profile NAME")


@pytest.mark.usefixtures("config")
async def test_sign_in_screen_switches_to_another_profile(show_app: ShowApp, account: Account, hosted: Hosted) -> None:
    accounts = Accounts({None: hosted.account, "embedded": account})
    async with show_app(hosted.account, open_account=accounts.open) as pilot:
        await pilot.wait_for_text("Sign in", "f3 Profiles")
        await open_switcher(pilot, "f3")
        await pilot.press("k", "enter")
        await pilot.wait_for_codes()
        assert "me@example.org" not in pilot.text


@asynccontextmanager
async def open_embedded_only(account: Account, profile: str | None) -> AsyncIterator[Account]:
    if profile == "work":
        raise UsageError("The proxy cannot be used.", hint="Unset it.")
    yield account


@pytest.mark.usefixtures("config")
async def test_profile_that_cannot_be_opened_leaves_the_account_open(show_app: ShowApp, account: Account) -> None:
    async with show_app(account, open_account=partial(open_embedded_only, account)) as pilot:
        before = await pilot.wait_for_codes()
        await open_switcher(pilot)
        await pilot.press("j", "enter")
        await pilot.wait_for_text("The proxy cannot be used. Nothing was done.")
        assert await pilot.wait_for_codes() == before
        await pilot.press("7")
        assert pilot.app.screen.query_one(CodeGrid).place == 6


async def test_wrong_configuration_is_shown_in_place_of_the_list(
    show_app: ShowApp, account: Account, config: Path
) -> None:
    config.write_text("[profiles.work]\nenvironment_id = 5\n")  # noqa: ASYNC240 - no other task waits for it
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("p")
        await pilot.wait_for_text("environment_id is not a string")


async def test_warning_and_dialog_name_the_profile_in_their_commands(
    show_app: ShowApp, account: Account, hints: console.CommandHints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "profile", "work")
    hints.set_commands(["codes"])
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        account.warn(RotationUnknownError())
        await pilot.wait_for_text("Run mfa-tui --profile work codes: it finds out")
        question = Confirmation("Sure?", ("Run mfa-tui codes first.",), "No", "Yes", "do it")
        pilot.app.push_screen(ConfirmScreen(question))
        await pilot.wait_for_text("Run mfa-tui --profile work codes first.")


@pytest.mark.usefixtures("config")
async def test_rotation_under_way_is_not_broken_off_by_a_switch(
    show_app: ShowApp, account: Account, hosted: Hosted
) -> None:
    await sign_in(hosted)
    accounts = Accounts({None: hosted.account, "embedded": account})
    async with show_app(hosted.account, open_account=accounts.open) as pilot:
        await pilot.wait_for_codes()
        await pilot.wait_until(lambda: not getattr(pilot.app.screen, "busy", False), "the codes")
        hosted.network.faults = {READ: (reading := Held()), ROTATE: (rotating := Held())}
        await pilot.interrupt("r")
        await reading.acted.wait()
        await pilot.interrupt("R", "p")  # the rotation starts after the read, above the list of profiles
        await pilot.wait_until(lambda: isinstance(pilot.app.screen, ProfilesScreen), "the profiles")
        del hosted.network.faults[READ]
        reading.let_go.set()
        await pilot.wait_until(lambda: isinstance(pilot.app.screen, ConfirmScreen), "the question")
        await pilot.interrupt("y")
        await rotating.acted.wait()
        await pilot.interrupt("k", "enter")
        await pilot.wait_for_text("The codes are being replaced", "Switch once it is done.")
        rotating.let_go.set()
        await pilot.wait_for_text("Replaced: the old codes no longer work")
        assert accounts.closed == []


@pytest.mark.usefixtures("config")
async def test_profile_whose_service_is_not_reached_leaves_the_account_open(
    show_app: ShowApp, account: Account, hosted: Hosted
) -> None:
    await save(hosted)
    hosted.account._set_state(State())  # as at a start, with the session in its file
    hosted.network.faults[WHO] = not_reached
    accounts = Accounts({None: account, "work": hosted.account})
    async with show_app(account, open_account=accounts.open) as pilot:
        before = await pilot.wait_for_codes()
        await open_switcher(pilot)
        await pilot.press("j", "enter")
        await pilot.wait_for_text("The service could not be reached.")
        assert await pilot.wait_for_codes() == before
        assert accounts.closed == [hosted.account]
        del hosted.network.faults[WHO]
        await open_switcher(pilot)
        await pilot.press("j", "enter")
        await pilot.wait_for_text("me@example.org · work, service.test", "10 of 10 left")
