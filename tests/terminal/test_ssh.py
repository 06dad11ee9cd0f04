"""The clipboard over SSH: which one is filled, its message, and its clearing."""

import base64
import re
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.support.program import Program, content_of
from tests.support.terminals import Sshd, Tmux
from tests.terminal.conftest import Run

CODE = re.compile(r"(\d+)  ([A-Z2-9]{5}) ([A-Z2-9]{5})")


def codes_on(program: Program) -> list[str]:
    found = {int(number): first + second for number, first, second in CODE.findall(program.text)}
    assert sorted(found) == list(range(1, 11))
    return [found[number] for number in sorted(found)]


def clipboards(program: Program) -> list[str]:
    """Return the texts that reached the outer terminal's clipboard, in order."""
    return [base64.b64decode(text).decode() for text in re.findall(rb"\x1b\]52;c?;([^\x07\x1b]*)", program.sent)]


def leave(program: Program) -> None:
    program.press("q")
    program.wait_for("These codes are not confirmed")
    program.press("right", "enter")


def test_ssh_sends_a_code_and_clears_it_on_quit(run: Run, sshd: Sshd, remote: str) -> None:
    program = run(*sshd.command(remote))
    program.wait_for("Not confirmed yet")
    codes = codes_on(program)
    program.press("down", "right", "c")
    program.wait_for("Sent code 7 to your terminal", "does not say", "clipboard: 45 s")
    assert "opied" not in program.text
    assert clipboards(program) == [codes[6]]
    leave(program)
    assert program.end() == 0
    assert clipboards(program) == [codes[6], " "]
    assert "Clipboard: clearing sent." in program.text


def test_ssh_sends_all_codes_one_per_line(run: Run, sshd: Sshd, remote: str) -> None:
    program = run(*sshd.command(remote))
    program.wait_for("Not confirmed yet")
    program.press("C")
    program.wait_for("Sent 10 codes to your terminal")
    assert clipboards(program) == ["\n".join(codes_on(program))]


def test_ssh_does_not_use_the_remote_desktop(run: Run, sshd: Sshd, remote: str) -> None:
    program = run(*sshd.command(f"WAYLAND_DISPLAY=wayland-0 DISPLAY=:0 {remote}"))
    program.wait_for("Not confirmed yet")
    program.press("c")
    program.wait_for("Sent code 1 to your terminal")


@pytest.mark.parametrize("key", ["c", "C"])
def test_tmux_over_ssh_forwards_its_named_buffer(run: Run, sshd: Sshd, tmux: Tmux, remote: str, key: str) -> None:
    inner = f"{remote}; exec sh"
    program = run(*sshd.command("env LANG=C.UTF-8 " + " ".join(map(_quoted, tmux.command(inner)))))
    program.wait_for("Not confirmed yet")
    codes = codes_on(program)
    program.press(key)
    program.wait_for("to tmux's mfa-tui", "sent to your terminal too")
    copied = codes[0] if key == "c" else "\n".join(codes)
    assert tmux.ask("list-buffers", "-F", "#{buffer_name}").split() == ["mfa-tui"]
    assert tmux.ask("show-buffer", "-b", "mfa-tui") == copied
    program.wait_until(lambda: clipboards(program) == [copied], "the outer terminal's clipboard")
    leave(program)
    program.wait_for("Clipboard: clearing sent.")
    assert tmux.ask("list-buffers") == ""
    program.wait_until(lambda: clipboards(program) == [copied, " "], "the outer terminal's clipboard")
    assert not any(code in tmux.pane() for code in codes)


def test_dropped_connection_ends_the_program(run: Run, sshd: Sshd, remote: str, tmp_path: Path) -> None:
    status = tmp_path / "status"
    program = run(*sshd.command(f"trap '' HUP; {remote}; echo $? > {status}"))
    program.wait_for("Not confirmed yet")
    program.kill(SIGKILL)
    assert content_of(status) == "129"


def _quoted(word: str) -> str:
    return f"'{word}'"
