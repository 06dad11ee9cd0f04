import subprocess
import sys

import pytest

from tests.support.command import unmeasured

_NEVER = {"click", "h11", "httpcore", "pyperclip", "rich", "segno", "shtab", "textual", "tomlkit", "uvicorn"}

SCRIPT = """\
import sys
from mfa_tui.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--version"], ["status", "--json"], ["codes", "--json"], ["doctor", "--json"]])
def test_no_command_imports_the_screens(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True, env=unmeasured()
    )
    assert done.stdout
    imported = set(done.stderr.splitlines()[-1].split())
    assert "mfa_tui" in imported
    assert not imported & _NEVER
    assert ("fido2" in imported) == (arguments[0] == "doctor")  # which looks for security keys


def test_the_version_imports_nothing_but_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "--version"], capture_output=True, text=True, check=True, env=unmeasured()
    )
    assert not set(done.stderr.split()) & {"httpx", "msgspec", "starlette", "cryptography", "asyncio", "sqlite3"}


FIRST_FRAME = """\
import asyncio
import sys
from contextlib import asynccontextmanager
from mfa_tui.cli import main
from mfa_tui.tui import main as tui
from mfa_tui.tui.app import MfaTui

@asynccontextmanager
async def never_open(profile):
    await asyncio.Event().wait()
    yield

async def show() -> None:
    async with MfaTui(never_open).run_test() as pilot:
        await pilot.pause()
        assert "mfa-tui" in pilot.app.screen._compositor.render_strips(pilot.app.size)[1].text
    print(*{name.split('.')[0] for name in sys.modules}, *sys.modules)

asyncio.run(show())
"""


def test_first_frame_waits_for_neither_account_nor_service() -> None:
    command = [sys.executable, "-c", FIRST_FRAME]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=unmeasured())
    imported = set(done.stdout.split())
    assert "textual" in imported
    assert not imported & {"httpx", "msgspec", "starlette", "cryptography", "pyperclip", "sqlite3", "mfa_tui.account"}


CODES = """\
import asyncio
import sys
from contextlib import asynccontextmanager
from mfa_tui import connection
from mfa_tui.storage.paths import AppPaths
from mfa_tui.tui import navigator
from mfa_tui.tui.app import MfaTui

navigator._AT_ONCE = 20

@asynccontextmanager
async def open_account(profile):
    async with connection.open_account(AppPaths.of_current_user()) as account:
        yield account

async def show() -> None:
    app = MfaTui(open_account)
    drawn = []
    display = app._display
    def record(screen, renderable):
        drawn.append("".join(strip.text for strip in screen._compositor.render_strips(app.size)))
        display(screen, renderable)
    app._display = record
    async with app.run_test() as pilot:
        while "10 of 10 left" not in drawn[-1]:
            await pilot.pause(0.01)
    assert not [frame for frame in drawn if "Recovery codes" in frame and "10 of 10 left" not in frame]
    print(*{name.split('.')[0] for name in sys.modules}, *sys.modules)

asyncio.run(show())
"""


def test_codes_are_in_the_first_frame_of_their_screen_and_wait_for_no_other_one() -> None:
    done = subprocess.run([sys.executable, "-c", CODES], capture_output=True, text=True, check=False, env=unmeasured())
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    assert "mfa_tui.tui.screens.codes" in imported
    opened_by_a_key = ("browser_link", "factors", "help", "profiles", "prompt", "save", "verify_saved", "wait")
    assert not imported & {f"mfa_tui.tui.screens.{name}" for name in opened_by_a_key}
    assert not imported & {"click", "fido2", "httpcore", "h11", "pyperclip", "rich._emoji_codes", "segno", "tomlkit"}
