"""The keys of the codes screen: help, printing and the QR code, and the check if the session must be refreshed."""

import sys
from pathlib import Path

import msgspec
import pytest

from mfa_tui.account.account import Account
from mfa_tui.redaction import Secret
from mfa_tui.tui.app import MfaTui
from mfa_tui.tui.screens.help import HelpScreen
from mfa_tui.tui.screens.qr import QrScreen
from tests.support.facts import codes
from tests.support.transport import REFRESH
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import save


async def test_help_closes_on_escape(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("question_mark")
        await pilot.wait_for_text("Keys", "Save the codes to a file")
        await pilot.press("escape")
        await pilot.wait_until(lambda: not isinstance(pilot.app.screen, HelpScreen), "the codes screen")
        await pilot.wait_for_codes()


async def test_key_in_help_acts_on_the_screen_behind(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("question_mark")
        await pilot.wait_for_text("Hide the codes, or show them")
        await pilot.press("h")
        await pilot.wait_for_text("10 ••••• •••••")
        assert pilot.codes() == {}


async def test_qr_code_opens_and_closes(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account, size=(80, 40)) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("a")
        await pilot.wait_for_text("No app yet")
        await pilot.press("a")
        await pilot.wait_for_text("Give this key to your app")
        await pilot.press("f2")
        await pilot.wait_until(lambda: isinstance(pilot.app.screen, QrScreen), "the QR code")
        await pilot.wait_for_text("█▀▀▀▀▀█")
        await pilot.press("escape")
        await pilot.wait_for_text("Give this key to your app")


async def test_text_too_long_for_a_qr_code_is_named_as_such(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        pilot.app.push_screen(QrScreen(Secret("x" * 5000)))
        await pilot.wait_for_text("too long for a QR code")
        await pilot.press("escape")
        await pilot.wait_for_codes()


async def test_qr_code_names_the_size_that_it_needs(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account, size=(60, 12)) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("a")
        await pilot.wait_for_text("No app yet")
        await pilot.press("a")
        await pilot.wait_for_text("Secret key")
        await pilot.press("f2")
        await pilot.wait_for_text("The QR code needs a window of")


def install_printer(folder: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> Path:
    """Put an `lp` with this exit status on the PATH, and return the file that it writes."""
    printed = folder / "printed"
    command = folder / "bin" / "lp"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\ncat > "{printed}"\nexit {status}\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    return printed


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
async def test_codes_are_sent_to_the_printer(
    show_app: ShowApp, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = install_printer(tmp_path, monkeypatch, 0)
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("l")
        await pilot.wait_for_text("Sent to the printer")
    sheet = printed.read_text().replace(" ", "")
    assert all(code.reveal() in sheet for code in codes(account))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
async def test_printer_failure_is_shown(
    show_app: ShowApp, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_printer(tmp_path, monkeypatch, 1)
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("l")
        await pilot.wait_for_text("The printer did not take the codes")


async def test_session_is_refreshed_while_the_app_runs(
    hosted: Hosted, show_app: ShowApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_interval = MfaTui.set_interval
    monkeypatch.setattr(
        MfaTui,
        "set_interval",
        lambda app, interval, *args, **options: set_interval(app, interval / 1000, *args, **options),
    )
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_codes()
        assert hosted.network.count(REFRESH) == 0
        await hosted.account._start_session(msgspec.structs.replace(hosted.account.session, since=0))
        await pilot.wait_until(lambda: hosted.account.session.since > 0, "a refreshed session")
        await pilot.wait_for_codes()
    assert hosted.network.count(REFRESH) == 1
