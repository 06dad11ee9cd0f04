"""Small windows keep the field and the choices in view; large ones have the page in the middle."""

import pytest

from tests.support.app import AppPilot
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import save, sign_in

SMALL = pytest.mark.parametrize("size", [(40, 12), (30, 8), (20, 5)], ids=["40x12", "30x8", "20x5"])


async def be_challenged(hosted: Hosted, pilot: AppPilot) -> None:
    """Sign in until a code is asked for."""
    await pilot.wait_for_text("me@example.org")
    await pilot.press("enter")
    await pilot.wait_for_text("123456")
    await pilot.type(hosted.mail())
    await pilot.wait_for_text("ABCDE FGHIJ")


@SMALL
async def test_challenge_field_stays_in_view(hosted: Hosted, show_app: ShowApp, size: tuple[int, int]) -> None:
    await save(hosted)
    await hosted.account.sign_out()
    async with show_app(hosted.account, challenge_alone=True, size=size) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.press(*"ABCDEFGHJK", "enter")
        await pilot.wait_for_text("ABCDEFGHJK", "Not accepted")
        assert "enter Use" in await pilot.settled_text()


@SMALL
async def test_dialog_keeps_both_choices_in_view(hosted: Hosted, show_app: ShowApp, size: tuple[int, int]) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, size=size) as pilot:
        await pilot.wait_for_text("s Save")
        await pilot.press("R")
        await pilot.wait_for_text("n Keep the", "y Replace them")
        await pilot.interrupt("escape")
        await pilot.wait_until(lambda: pilot.app.screen.query("CodeGrid").first().has_focus, "the codes")


@SMALL
async def test_file_name_and_its_key_stay_in_view(hosted: Hosted, show_app: ShowApp, size: tuple[int, int]) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, size=size) as pilot:
        await pilot.wait_for_text("s Save")
        await pilot.press("s")
        await pilot.wait_for_text("~/mfa-recover", "enter Save")


@SMALL
async def test_every_code_comes_into_view_by_its_number(
    hosted: Hosted, show_app: ShowApp, size: tuple[int, int]
) -> None:
    await sign_in(hosted)
    await hosted.account.read_codes()
    assert hosted.account.state.codes is not None
    codes = [code.reveal() for code in hosted.account.state.codes.recovery_codes]
    async with show_app(hosted.account, size=size) as pilot:
        await pilot.wait_for_text("s Save")
        for number, code in enumerate(codes, start=1):
            await pilot.press(str(number % 10))
            await pilot.wait_for_text(f"{number} {code[:5]} {code[5:]}")


async def test_qr_code_appears_if_the_window_is_made_larger(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, size=(40, 12)) as pilot:
        await pilot.wait_for_text("s Save")
        await pilot.press("a")
        await pilot.wait_for_text("No app or passkey yet")
        await pilot.press("a")
        await pilot.wait_for_text("Secret key")
        await pilot.press("f2")
        await pilot.wait_for_text("Make the window larger")
        await pilot.resize(80, 24)
        await pilot.wait_for_text("█▀▀▀▀▀█")
        await pilot.resize(40, 12)
        await pilot.wait_for_text("Make the window larger")


async def test_page_is_in_the_middle_of_a_large_window(hosted: Hosted, show_app: ShowApp) -> None:
    await sign_in(hosted)
    async with show_app(hosted.account, size=(200, 50)) as pilot:
        await pilot.wait_for_text("10 of 10 left", "q Quit")
        lines = (await pilot.settled_text()).split("\n")
        used = [number for number, line in enumerate(lines) if line]
        assert used[0] == len(lines) - 1 - used[-1]
        rule = next(line for line in lines if "───" in line)
        assert len(rule) - len(rule.lstrip()) == 200 - len(rule)
        await pilot.resize(80, 24)
        await pilot.wait_for_text("10 of 10 left", "q Quit")
        assert pilot.text.splitlines()[1].startswith("   mfa-tui")
