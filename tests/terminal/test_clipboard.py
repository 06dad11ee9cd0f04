"""Copying and clearing, with tools that work, fail, hang or print."""

import asyncio
import base64
import os
import re
import stat
import sys
from pathlib import Path

import pytest

from mfa_tui.redaction import Secret
from mfa_tui.terminal.clipboard.backends import ClearResult, osc52, through_screen
from mfa_tui.terminal.clipboard.clipboard import Clipboard, ClipboardError, copied_message
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import DEFAULT_TIMING, Timing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tools are shell scripts")

CODES = Secret("\n".join("ABCDEFGHJK" for _ in range(10)))

WL_PASTE = 'cat "$STORE"'


class Desk:
    """A folder of tools on PATH, and the files that they write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.calls = folder / "calls"

    def add(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.calls}"\nSTORE="{self.store}"\n{script}\n')
        path.chmod(stat.S_IRWXU)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return Desk(folder)


@pytest.fixture
def desktop(desk: Desk) -> Desk:
    # Of all tools pyperclip prefers this one.
    desk.add("xclip", 'case "$*" in *-o*) cat "$STORE" ;; *) cat > "$STORE" ;; esac')
    return desk


IMPATIENT = Timing(tool_timeout=0.3)


def sent_by(kind: BackendKind) -> tuple[Clipboard, list[str]]:
    sent: list[str] = []
    return Clipboard(kind, sent.append), sent


async def test_desktop_holds_a_copy_until_it_is_cleared(desktop: Desk) -> None:
    clipboard, sent = sent_by(BackendKind.DESKTOP)
    await clipboard.copy(CODES)
    assert desktop.store.read_text() == CODES.reveal()
    assert DEFAULT_TIMING.clipboard_clear_after - 10 < clipboard.seconds_left <= DEFAULT_TIMING.clipboard_clear_after
    assert await clipboard.clear() is ClearResult.CLEARED
    assert desktop.store.read_text() == ""
    assert not clipboard.is_held
    assert sent == []
    assert "ABCDEFGHJK" not in desktop.calls.read_text()


async def test_clear_keeps_a_later_copy_of_the_user(desktop: Desk) -> None:
    clipboard, _ = sent_by(BackendKind.DESKTOP)
    await clipboard.copy(CODES)
    desktop.store.write_text("a shopping list")
    assert await clipboard.clear() is ClearResult.CHANGED
    assert desktop.store.read_text() == "a shopping list"


@pytest.mark.parametrize("kind", [BackendKind.DESKTOP, BackendKind.WAYLAND, BackendKind.TMUX])
@pytest.mark.parametrize("script", ["echo oops >&2; exit 1", "cat > /dev/null; exit 1", "exec sleep 60"])
async def test_copy_fails_silently_if_a_tool_fails_or_hangs(
    desk: Desk, kind: BackendKind, script: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("xsel", "xclip", "wl-copy", "wl-paste", "tmux"):
        desk.add(name, script)
    clipboard = Clipboard(kind, print, IMPATIENT)
    with pytest.raises(ClipboardError):
        await clipboard.copy(CODES)
    assert not clipboard.is_held
    assert capfd.readouterr() == ("", "")


async def test_copy_fails_if_a_tool_only_claims_success(desktop: Desk) -> None:
    desktop.add("xclip", "cat > /dev/null")
    clipboard, _ = sent_by(BackendKind.DESKTOP)
    with pytest.raises(ClipboardError):
        await clipboard.copy(CODES)


async def test_event_loop_runs_while_a_tool_works(desk: Desk) -> None:
    desk.add("wl-copy", "exec sleep 60")
    clipboard = Clipboard(BackendKind.WAYLAND, print, IMPATIENT)
    copying = asyncio.create_task(clipboard.copy(CODES))
    turns = 0
    while not copying.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 10
    with pytest.raises(ClipboardError):
        await copying


async def test_wayland_copy_is_marked_sensitive(desk: Desk) -> None:
    desk.add("wl-copy", '[ "$1" = --sensitive ] && cat > "$STORE" || : > "$STORE"')
    desk.add("wl-paste", WL_PASTE)
    clipboard, _ = sent_by(BackendKind.WAYLAND)
    await clipboard.copy(CODES)
    assert desk.store.read_text() == CODES.reveal()
    assert await clipboard.clear() is ClearResult.CLEARED
    assert desk.store.read_text() == ""


async def test_old_wl_copy_still_copies(desk: Desk) -> None:
    desk.add("wl-copy", 'case "$1" in --sensitive) exit 1 ;; --clear) : > "$STORE" ;; *) cat > "$STORE" ;; esac')
    desk.add("wl-paste", WL_PASTE)
    clipboard, _ = sent_by(BackendKind.WAYLAND)
    await clipboard.copy(CODES)
    assert desk.store.read_text() == CODES.reveal()
    desk.store.write_text("other characters")
    assert await clipboard.clear() is ClearResult.CHANGED


async def test_terminal_gets_the_text_and_then_a_space() -> None:
    clipboard, sent = sent_by(BackendKind.TERMINAL)
    await clipboard.copy(Secret("ABCDEFGHJK"))
    assert sent == ["\x1b]52;c;QUJDREVGR0hKSw==\x07"]
    assert await clipboard.clear() is ClearResult.SENT
    assert sent[1:] == ["\x1b]52;c;IA==\x07"]


def test_screen_gets_the_sequence_in_parts() -> None:
    whole = osc52(CODES.reveal() * 3)
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", through_screen(whole), re.DOTALL)
    assert "".join(pieces) == whole
    assert len(pieces) > 1
    assert all(len(piece) + 4 <= 256 for piece in pieces)
    text = re.fullmatch("\x1b]52;c;(.*)\x07", whole)
    assert text is not None
    assert base64.b64decode(text[1]).decode() == CODES.reveal() * 3


async def test_copy_fails_without_a_clipboard() -> None:
    clipboard, sent = sent_by(BackendKind.NONE)
    with pytest.raises(ClipboardError, match=r"nothing was copied\. Save them to a file"):
        await clipboard.copy(CODES)
    assert sent == []


async def test_cancelled_copy_is_cleared(desk: Desk) -> None:
    desk.add("wl-copy", '[ "$1" = --clear ] && : > "$STORE" || { cat > "$STORE"; echo > "$0.there"; exec sleep 60; }')
    there = desk.folder / "wl-copy.there"
    os.mkfifo(there)
    desk.add("wl-paste", WL_PASTE)
    clipboard = Clipboard(BackendKind.WAYLAND, print, IMPATIENT)
    copying = asyncio.create_task(clipboard.copy(CODES))
    await asyncio.to_thread(there.read_text)
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert clipboard.is_held
    assert await clipboard.clear() is ClearResult.CLEARED


@pytest.mark.parametrize("kind", [kind for kind in BackendKind if kind is not BackendKind.NONE])
def test_copied_is_claimed_only_if_certain(kind: BackendKind) -> None:
    heading, sentences = copied_message(kind, "code 3")
    assert "code 3" in heading
    assert ("opied" in heading) == (kind in {BackendKind.DESKTOP, BackendKind.WAYLAND, BackendKind.TMUX})
    assert "opied" not in sentences
    if kind is BackendKind.TMUX:
        assert "tmux" in heading
