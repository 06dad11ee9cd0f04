import subprocess
import sys

import pytest

from tests.support.command import unmeasured

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
    assert not imported & {"textual", "rich", "uvicorn", "click", "pyperclip", "shtab", "tomlkit", "segno"}
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
