"""The clipboard is cleared in time even if the program is killed, by a process that holds no code."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mfa_tui.terminal.clipboard.backends import BUFFER, ClearResult, Tmux
from mfa_tui.terminal.clipboard.guard import ClipboardGuard
from mfa_tui.terminal.clipboard.selection import BackendKind

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

CODE = "ABCDEFGHJK"

KILLED = f"""
import asyncio, os, signal
from mfa_tui.redaction import Secret
from mfa_tui.terminal.clipboard.clipboard import Clipboard
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import DEFAULT_TIMING

async def copy():
    clipboard = Clipboard(BackendKind.TMUX, print, DEFAULT_TIMING._replace(clipboard_clear_after=0.2))
    await clipboard.copy(Secret("{CODE}"))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(copy())
"""


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """A tmux server of the test's own; returns a function that runs a command of it and returns its output."""
    socket = tmp_path / "s"

    def run(*command: str, text: str = "") -> str:
        return subprocess.run(["tmux", *command], input=text, capture_output=True, text=True, check=False).stdout

    subprocess.run(["tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d"], check=True)
    monkeypatch.setenv("TMUX", f"{socket},0,0")
    yield run
    run("kill-server")


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_buffer_is_cleared_after_the_program_is_killed(tmux: Callable[..., str]) -> None:
    subprocess.run([sys.executable, "-c", KILLED], check=False)
    _wait_until(lambda: BUFFER not in tmux("list-buffers", "-F", "#{buffer_name}"))


def test_text_that_the_user_copied_since_is_left_alone(tmux: Callable[..., str]) -> None:
    tmux("load-buffer", "-b", BUFFER, "-", text="a shopping list")
    guard = ClipboardGuard.start(BackendKind.TMUX, CODE, 0)
    assert guard is not None
    assert guard._process.wait() == 0
    guard.stop()
    assert tmux("show-buffer", "-b", BUFFER) == "a shopping list"


async def test_buffer_of_another_copy_of_the_program_is_left_alone(tmux: Callable[..., str]) -> None:
    first, second = Tmux(time_limit=5), Tmux(time_limit=5)
    assert await first.copy("ABCDEFGHJK")
    assert await second.copy("ZYXWVUTSRQ")
    assert await first.clear("ABCDEFGHJK") is ClearResult.CHANGED
    assert tmux("show-buffer", "-b", BUFFER) == "ZYXWVUTSRQ"
    assert await second.clear("ZYXWVUTSRQ") is ClearResult.SENT
    assert BUFFER not in tmux("list-buffers", "-F", "#{buffer_name}")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux shows the memory of a process")
def test_guard_holds_no_code() -> None:
    guard = ClipboardGuard.start(BackendKind.TMUX, CODE, 60)
    assert guard is not None
    try:
        process = Path("/proc") / str(guard._process.pid)
        _wait_until(lambda: b"nanosleep" in process.joinpath("wchan").read_bytes() or _sleeps(process))
        assert CODE.encode() not in process.joinpath("cmdline").read_bytes()
        assert CODE.encode() not in process.joinpath("environ").read_bytes()
        assert not _memory_contains(process, CODE.encode())
    finally:
        guard.stop()


def _sleeps(process: Path) -> bool:
    return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "S"


def _memory_contains(process: Path, text: bytes) -> bool:
    with (process / "mem").open("rb", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            addresses, permissions = line.split()[:2]
            if not permissions.startswith("rw"):
                continue
            start, end = (int(address, 16) for address in addresses.split("-"))
            try:
                memory.seek(start)
                if text in memory.read(end - start):
                    return True
            except OSError:
                continue
    return False


@pytest.mark.parametrize("kind", [BackendKind.TERMINAL, BackendKind.SCREEN, BackendKind.NONE])
def test_clipboard_that_cannot_be_read_has_no_guard(kind: BackendKind) -> None:
    assert ClipboardGuard.start(kind, CODE, 60) is None
