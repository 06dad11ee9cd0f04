"""Codes are hidden if the user is away, and are cleared from the clipboard in time."""

import pytest
from textual import events

from mfa_tui.account.account import Account
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import Timing
from tests.tui.conftest import ShowApp

COVERED = "10 ••••• •••••"


async def test_codes_are_hidden_on_blur_until_a_key_is_pressed(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_text("10 of 10 left", "Not confirmed yet")
        codes = pilot.codes()
        pilot.app.post_message(events.AppBlur())
        await pilot.wait_for_text("Hidden: press any key", COVERED)
        assert pilot.codes() == {}
        pilot.app.post_message(events.AppFocus())
        await pilot.wait_for_text(COVERED)
        await pilot.press("q")
        await pilot.wait_for_text("10 of 10 left", "Not confirmed yet")
        assert pilot.codes() == codes


async def test_codes_are_hidden_after_the_idle_time(show_app: ShowApp, account: Account) -> None:
    async with show_app(account, hide_after=0.05) as pilot:
        await pilot.wait_for_text("Hidden: press any key", COVERED)


async def test_codes_hidden_by_a_key_can_be_copied(show_app: ShowApp, account: Account) -> None:
    async with show_app(account, clipboard_kind=BackendKind.TERMINAL) as pilot:
        await pilot.wait_for_text("Not confirmed yet")
        await pilot.press("h")
        await pilot.wait_for_text("hidden · 10 of 10 left", COVERED)
        await pilot.press("c")
        await pilot.wait_for_text("Sent code 1", COVERED)
        await pilot.press("h")
        await pilot.wait_for_text("Sent code 1", "10 of 10 left")
        assert len(pilot.codes()) == 10


async def test_typed_text_is_masked_on_blur_and_keeps_the_next_key(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_text("Not confirmed yet")
        await pilot.press("v")
        await pilot.wait_for_text("characters of code")
        await pilot.type("AB")
        await pilot.wait_for_text("AB")
        pilot.app.post_message(events.AppBlur())
        await pilot.wait_for_text("••")
        pilot.app.post_message(events.AppFocus())
        await pilot.press("C")
        await pilot.wait_for_text("ABC")


async def test_clipboard_is_counted_down_and_cleared(
    show_app: ShowApp, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    timing = Timing(clipboard_clear_after=0.5, clipboard_refresh=0.2)
    sent: list[str] = []
    async with show_app(account, clipboard_kind=BackendKind.TERMINAL, timing=timing) as pilot:
        monkeypatch.setattr(pilot.app.user_clipboard._backend, "_write", sent.append)
        await pilot.wait_for_text("Not confirmed yet")
        await pilot.press("down", "c")
        await pilot.wait_for_text("clipboard: 1 s", "Sent code 2")
        await pilot.wait_for_text("clipboard: clearing sent")
        assert sent[-1] == "\x1b]52;c;IA==\x07"
        assert len(sent) == 2
        await pilot.wait_for_text("mfa-tui you@embedded.localhost")


async def test_codes_are_listed_for_selection_without_a_clipboard(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_text("Not confirmed yet", "h Hide")
        assert "c Copy" not in pilot.words
        codes = [code.replace(" ", "") for _, code in sorted(pilot.codes().items())]
        await pilot.press("m")
        shown = await pilot.wait_for_text("Drag with Shift")
        assert shown.splitlines()[:10] == codes
        pilot.app.post_message(events.AppBlur())
        await pilot.wait_for_text("•••••••••• ••••••••••")
        await pilot.press("escape")
        await pilot.wait_for_text(codes[0])
        await pilot.press("escape")
        await pilot.wait_for_text("Not confirmed yet")


async def test_new_codes_can_be_kept_on_the_clipboard(show_app: ShowApp, account: Account) -> None:
    async with show_app(account, clipboard_kind=BackendKind.TERMINAL) as pilot:
        await pilot.wait_for_text("Not confirmed yet")
        await pilot.press("R")
        await pilot.wait_for_text("and on the", "clipboard")
