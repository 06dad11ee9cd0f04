"""The screens while another program or device acts on the same account."""

import re

from textual import events

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.account.verification import LENGTH
from mfa_tui.storage.paths import AppPaths
from tests.support.app import AppPilot
from tests.support.facts import codes_on_service
from tests.tui.conftest import ShowApp


async def replace_elsewhere(account: Account) -> list[str]:
    """Replace the set on another device, and return it as the screen shows it."""
    new = await account.client.create_new_mfa_recovery_codes(account._token)
    return [f"{code.reveal()[:5]} {code.reveal()[5:]}" for code in new.recovery_codes]


async def answer(pilot: AppPilot, codes: dict[int, str]) -> None:
    """Answer the question on the verification screen."""
    await pilot.wait_for_text("which begins")
    asked = re.search(r"code (\d+), which begins", " ".join(pilot.text.split()))
    assert asked is not None
    await pilot.type(codes[int(asked[1])][-LENGTH:])
    await pilot.press("enter")


async def test_replaced_set_is_shown_instead_of_confirmed(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        old = await pilot.wait_for_codes()
        new = await replace_elsewhere(account)
        await pilot.press("v")
        await answer(pilot, old)
        await pilot.wait_for_text("2 of 2")
        await answer(pilot, old)
        await pilot.wait_for_text("replaced meanwhile, by another program or device", "These are the new ones")
        await pilot.wait_until(lambda: set(pilot.codes().values()) == set(new), "the new codes")
        assert account.state.stage is Stage.CODES_NOT_CONFIRMED


async def test_replaced_set_is_shown_when_the_window_gets_the_focus(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        new = await replace_elsewhere(account)
        pilot.app.post_message(events.AppFocus())
        await pilot.wait_for_text("Another program or device replaced the codes")
        await pilot.wait_until(lambda: set(pilot.codes().values()) == set(new), "the new codes")


async def test_session_that_another_program_began_is_used_to_read_again(
    show_app: ShowApp, account: Account, places: AppPaths
) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        async with connection.open_account(places) as other:
            await other.resume_session()
            await other.sign_out()
            await other.sign_in_automatically()
            new = await replace_elsewhere(other)
        pilot.app.post_message(events.AppFocus())
        await pilot.wait_until(lambda: set(pilot.codes().values()) == set(new), "the new codes")
        assert account._token == other._token


async def test_codes_count_as_shown_once_they_are_drawn(show_app: ShowApp, account: Account) -> None:
    await account.create_new_mfa_recovery_codes()
    assert account.state.rotation_unseen
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.wait_until(lambda: not account.state.rotation_unseen, "the record")
        assert len(await codes_on_service(account)) == 10


async def test_hidden_codes_do_not_count_as_shown(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("h")
        await pilot.wait_for_text("10 ••••• •••••")
        await replace_elsewhere(account)
        await account.read_codes()
        await pilot.settled_text()
        record = account.state.record
        assert record is not None
        assert not record.is_shown
        await pilot.press("h")
        await pilot.wait_until(lambda: bool(account.state.record and account.state.record.is_shown), "the record")
