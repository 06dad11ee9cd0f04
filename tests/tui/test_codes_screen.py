"""The keys of the codes screen: help, printing and the QR code, and the check if the session must be refreshed."""

import gc
import sys
from pathlib import Path

import msgspec
import pytest
from rich.segment import Segment
from textual.content import Content

from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.redaction import Secret
from mfa_tui.timing import Timing
from mfa_tui.tui.screens.help import HelpScreen
from mfa_tui.tui.screens.qr import QrScreen
from mfa_tui.tui.widgets.code_grid import CodeGrid
from mfa_tui.tui.widgets.footer import Footer
from tests.support.facts import codes
from tests.support.transport import READ, REFRESH, changes
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


@pytest.mark.parametrize(("keys", "number"), [("7", 7), ("0", 10), ("jjjk", 3), ("9j", 10), ("7jjjjj", 10), ("k", 1)])
async def test_keys_move_to_a_code(show_app: ShowApp, account: Account, keys: str, number: int) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press(*keys)
        assert pilot.app.screen.query_one(CodeGrid).place == number - 1


async def test_help_lists_the_keys_of_the_grid_and_runs_them(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("question_mark")
        await pilot.wait_for_text("j k Move down or up", "1-0 Move to the code with this number")
        await pilot.press("7")
        await pilot.wait_until(lambda: not isinstance(pilot.app.screen, HelpScreen), "the codes screen")
        await pilot.wait_until(lambda: pilot.app.screen.query_one(CodeGrid).place == 6, "the cursor on code 7")


async def test_declined_rotation_without_codes_claims_no_valid_ones(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    hosted.network.faults[READ] = changes(lambda body: body | {"recoveryCodes": [], "count": 0})
    await hosted.account.read_codes()
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("n Not now", "No unused code is left")
        await pilot.interrupt("n")
        await pilot.wait_for_text("Nothing was changed No code is left. Rotate to get new ones")
        assert "remain valid" not in pilot.text


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_dialog_shows_its_keys_and_declines(show_app: ShowApp, account: Account, key: str) -> None:
    async with show_app(account) as pilot:
        before = await pilot.wait_for_codes()
        await pilot.press("R")
        await pilot.wait_for_text("n Keep the existing codes", "y Replace them", "esc goes back")
        await pilot.interrupt(key)
        await pilot.wait_for_text("Your existing codes remain valid")
        assert pilot.codes() == before


async def test_y_in_a_dialog_confirms(show_app: ShowApp, account: Account) -> None:
    async with show_app(account) as pilot:
        before = await pilot.wait_for_codes()
        await pilot.press("R")
        await pilot.wait_for_text("y Replace them")
        await pilot.interrupt("y")
        await pilot.wait_for_text("Replaced: the old codes no longer work")
        assert not set(pilot.codes().values()) & set(before.values())


async def test_qr_code_opens_and_closes(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account, size=(80, 40)) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("a")
        await pilot.wait_for_text("No app or passkey yet")
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
        pilot.app.push_screen(QrScreen(Secret("x" * 5000), "Type the key instead."))
        await pilot.wait_for_text("too long for a QR code")
        await pilot.press("escape")
        await pilot.wait_for_codes()


async def test_qr_code_names_the_size_that_it_needs(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account, size=(60, 12)) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("a")
        await pilot.wait_for_text("No app or passkey yet")
        await pilot.press("a")
        await pilot.wait_for_text("Secret key")
        await pilot.press("f2")
        await pilot.wait_for_text("Make the window larger: the QR code needs")


def install_printer(folder: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> Path:
    """Put an `lp` with this exit status on the PATH, and a default printer; return the file that `lp` writes."""
    printed = folder / "printed"
    scripts = {
        "lp": f'#!/bin/sh\ncat > "{printed}"\nexit {status}\n',
        "lpstat": "#!/bin/sh\necho system default destination: Attic-2\n",
    }
    (folder / "bin").mkdir()
    for name, script in scripts.items():
        command = folder / "bin" / name
        command.write_text(script)
        command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
    return printed


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
async def test_codes_are_sent_to_the_printer(
    show_app: ShowApp, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = install_printer(tmp_path, monkeypatch, 0)
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("P")
        await pilot.wait_for_text("They are sent to the printer Attic-2.")
        await pilot.interrupt("y")
        await pilot.wait_for_text("Sent to the printer")
    sheet = printed.read_text().replace(" ", "")
    assert all(code.reveal() in sheet for code in codes(account))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
@pytest.mark.parametrize("key", ["n", "escape", "enter"])
async def test_nothing_is_printed_unless_confirmed(
    show_app: ShowApp, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    printed = install_printer(tmp_path, monkeypatch, 0)
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("P")
        await pilot.wait_for_text("Print the codes?")
        await pilot.interrupt(key)
        await pilot.wait_for_text("Nothing was printed")
    assert not printed.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
async def test_printer_failure_is_shown(
    show_app: ShowApp, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_printer(tmp_path, monkeypatch, 1)
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("P")
        await pilot.wait_for_text("Print the codes?")
        await pilot.interrupt("y")
        await pilot.wait_for_text("The printer did not take the codes")


async def test_session_is_refreshed_while_the_app_runs(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account, timing=Timing(session_refresh=0.05)) as pilot:
        await pilot.wait_until(lambda: pilot.app.is_open, "the end of the start, which resumes the stored session")
        assert hosted.network.count(REFRESH) == 0
        old = msgspec.structs.replace(hosted.account.session, since=0)
        hosted.account._sessions.save(old)  # a newer one there would count as refreshed by another program
        await hosted.account._start_session(old)
        await pilot.wait_until(lambda: hosted.account.session.since > 0, "a refreshed session")
        await pilot.wait_for_codes()
    assert hosted.network.count(REFRESH) == 1


async def test_hiding_drops_what_was_drawn_of_the_codes(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        drawn = (await pilot.wait_for_codes())[1]
        assert _objects_with(drawn)
        await pilot.press("h")
        await pilot.settled_text()
        assert not _objects_with(drawn)


def _objects_with(text: str) -> list[object]:
    """Return the drawn texts that still exist and contain this one."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Segment) and text in one.text]


async def test_keys_are_not_drawn_below_a_dialog(
    account: Account, show_app: ShowApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths = []
    update = Footer.update

    def noted_update(footer: Footer, text: Content) -> None:
        widths.append(footer.size.width)
        update(footer, text)

    monkeypatch.setattr(Footer, "update", noted_update)
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        await pilot.press("R")
        await pilot.wait_for_text("Replace all recovery codes?")
        await pilot.press("escape")
        await pilot.wait_for_text("remain valid")
        await pilot.settled_text()
    assert len(widths) > 1
    assert all(widths)  # a footer without a size would draw one key a line


async def test_only_quitting_help_and_hiding_are_offered_without_codes(account: Account, show_app: ShowApp) -> None:
    async with show_app(account) as pilot:
        await pilot.wait_for_codes()
        screen = pilot.app.screen
        account._set_state(State())
        offered = {key.binding.action for key in screen.active_bindings.values() if key.enabled and key.node is screen}
        assert not offered & {"factors", "rotate", "save", "verify", "print", "copy", "copy_all", "read", "sign_out"}
