"""Codes are out of sight when nobody looks, and off the clipboard when their time is over."""

import pytest
from textual import events

from mfa_tui.account.account import Account
from mfa_tui.terminal.clipboard import clipboard
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui import secure_app
from tests.tui.conftest import Watch

COVERED = "10 ••••• •••••"


async def test_codes_hide_when_the_window_loses_focus_and_come_back_on_a_key(watch: Watch, account: Account) -> None:
    async with watch(account) as screen:
        await screen.sees("10 of 10 left", "Not saved yet")
        codes = screen.codes()
        screen.app.post_message(events.AppBlur())
        await screen.sees("any key shows them", COVERED)
        assert screen.codes() == {}
        screen.app.post_message(events.AppFocus())
        await screen.sees(COVERED)
        await screen.press("q")
        await screen.sees("10 of 10 left", "Not saved yet")
        assert screen.codes() == codes


async def test_codes_hide_by_themselves(watch: Watch, account: Account) -> None:
    async with watch(account, hide_after=0.05) as screen:
        await screen.sees("any key shows them", COVERED)


async def test_hidden_on_a_key_they_stay_so_and_can_be_copied(watch: Watch, account: Account) -> None:
    async with watch(account, route=BackendKind.TERMINAL) as screen:
        await screen.sees("Not saved yet")
        await screen.press("h")
        await screen.sees("hidden · 10 of 10 left", COVERED)
        await screen.press("c")
        await screen.sees("Sent code 1", COVERED)
        await screen.press("h")
        await screen.sees("Sent code 1", "10 of 10 left")
        assert len(screen.codes()) == 10


async def test_what_was_typed_is_masked_and_no_key_is_lost(watch: Watch, account: Account) -> None:
    async with watch(account) as screen:
        await screen.sees("Not saved yet")
        await screen.press("p")
        await screen.sees("characters of code")
        await screen.type("AB")
        await screen.sees("AB")
        screen.app.post_message(events.AppBlur())
        await screen.sees("••")
        screen.app.post_message(events.AppFocus())
        await screen.press("C")
        await screen.sees("ABC")


async def test_the_clipboard_is_counted_down_and_cleared(
    watch: Watch, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "CLEAR_AFTER", 0.5)
    monkeypatch.setattr(secure_app, "REFRESH_INTERVAL", 0.2)
    sent: list[str] = []
    async with watch(account, route=BackendKind.TERMINAL) as screen:
        monkeypatch.setattr(screen.app.user_clipboard._backend, "_write", sent.append)
        await screen.sees("Not saved yet")
        await screen.press("down", "c")
        await screen.sees("clipboard: 1 s", "Sent code 2")
        await screen.sees("clipboard: clearing sent")
        assert sent[-1] == "\x1b]52;c;IA==\x07"
        assert len(sent) == 2
        await screen.sees("mfa-tui you@embedded.localhost")


async def test_without_a_clipboard_no_key_for_it_is_offered_but_the_codes_stand_one_a_line(
    watch: Watch, account: Account
) -> None:
    async with watch(account) as screen:
        await screen.sees("Not saved yet", "h Hide")
        assert "c Copy" not in screen.words
        codes = [code.replace(" ", "") for _, code in sorted(screen.codes().items())]
        await screen.press("m")
        shown = await screen.sees("Drag with Shift")
        assert shown.splitlines()[:10] == codes
        screen.app.post_message(events.AppBlur())
        await screen.sees("•••••••••• ••••••••••")
        await screen.press("escape")
        await screen.sees(codes[0])
        await screen.press("escape")
        await screen.sees("Not saved yet")


async def test_new_codes_can_be_kept_on_the_clipboard(watch: Watch, account: Account) -> None:
    async with watch(account, route=BackendKind.TERMINAL) as screen:
        await screen.sees("Not saved yet")
        await screen.press("n")
        await screen.sees("and on the", "clipboard")
