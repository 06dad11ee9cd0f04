"""After every kind of end, the terminal is restored, and shows no code."""

import os
import re
import sys
import termios
import time
from pathlib import Path
from signal import SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM, Signals

import pytest

from tests.support.program import TIMEOUT, Program, content_of
from tests.terminal.conftest import Run, Start
from tests.terminal.test_ssh import codes_on

SCREENS = {
    "codes": ([], "Not confirmed yet"),
    "list": (["m"], "Drag with Shift"),
    "rotate": (["R"], "Replace all recovery codes?"),
    "save": (["s"], "Save the codes"),
    "leave": (["q"], "These codes are not confirmed"),
    "prove": (["v"], "Verify that they are saved"),
    "factors": (["a"], "Factors"),
}

GIVEN_BACK = (
    b"\x1b[?1049l",
    b"\x1b[?25h",
    b"\x1b[?1000l",
    b"\x1b[?1003l",
    b"\x1b[?1006l",
    b"\x1b[?2004l",
    b"\x1b[?1004l",
)
"""Main screen, cursor, three kinds of mouse reports, bracketed paste, focus reports."""


def assert_ended_well(program: Program) -> None:
    assert_given_back(program)
    assert program.flags & termios.ICANON
    assert program.flags & termios.ISIG


def assert_given_back(program: Program) -> None:
    *_, last = program.sent.split(b"\x1b[?1049h")
    for sequence in GIVEN_BACK:
        assert sequence in last, sequence
    # pyte has one screen only, like a terminal without an alternate screen.
    assert not re.search("[A-Z2-9]{5} ?[A-Z2-9]{5}", program.text)


@pytest.mark.parametrize("number", [SIGHUP, SIGINT, SIGQUIT, SIGTERM])
def test_signal_ends_the_program_with_its_exit_code(start: Start, number: Signals) -> None:
    program = start(SSH_TTY="/dev/pts/0")
    program.wait_for("Not confirmed yet")
    program.press("c")
    program.wait_for("Sent code 1")
    program.kill(number)
    assert program.end() == 128 + number
    assert_ended_well(program)
    assert "Clipboard: clearing sent." in program.text


@pytest.mark.parametrize("screen", SCREENS)
def test_signal_ends_the_program_on_every_screen(start: Start, screen: str) -> None:
    keys, shown = SCREENS[screen]
    program = start(SSH_TTY="/dev/pts/0")
    program.wait_for("Not confirmed yet")
    program.press(*keys)
    program.wait_for(shown)
    program.kill(SIGTERM)
    assert program.end() == 143
    assert_ended_well(program)


@pytest.mark.parametrize("sent", [1, 150, 500, 1000])
def test_signal_during_start_restores_the_terminal(start: Start, sent: int) -> None:
    program = start()
    program.wait_until(lambda: len(program.sent) >= sent, "some output")
    program.kill(SIGTERM)
    assert program.end() == 143
    assert_ended_well(program)


def test_ctrl_c_quits(start: Start) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    assert program.quit() == 0
    assert_ended_well(program)


def test_hang_up_ends_the_program(run: Run, mfa_tui: str, tmp_path: Path) -> None:
    status = tmp_path / "status"
    # The shell around the program records its exit code after the hang-up.
    program = run("sh", "-c", f"trap '' HUP; {mfa_tui}; echo $? > {status}")
    program.wait_for("Not confirmed yet")
    program.hang_up()
    assert content_of(status) == "129"


def test_program_ends_after_a_signal_to_continue(start: Start) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    program.kill(SIGCONT)  # comes with the SIGHUP of a terminal that hangs up, and of an orphaned process
    program.press("h")
    program.wait_for("•••••")
    assert program.quit() == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_blocked_output_does_not_prevent_the_end(run: Run) -> None:
    script = """
import sys
from mfa_tui.storage.profile import ProfileOverrides
from mfa_tui.timing import Timing
from mfa_tui.tui.main import run
sys.exit(run(ProfileOverrides(), challenge_alone=False, hide_after=60, timing=Timing(shutdown_timeout=0.2)))
"""
    program = run(sys.executable, "-c", script)
    program.wait_for("Not confirmed yet")
    program.stall()
    program.kill(SIGTERM)
    deadline = time.monotonic() + TIMEOUT
    while program.child.isalive():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    program.child.close()
    assert program.child.exitstatus == 143


def test_suspend_restores_the_terminal_and_resume_hides_codes(run: Run, mfa_tui: str) -> None:
    shell = run("bash", "--norc", "-i", PS1="prompt> ", SSH_TTY="/dev/pts/0")
    shell.wait_for("prompt>")
    shell.press(mfa_tui, "enter")
    shell.wait_for("Not confirmed yet")
    codes = codes_on(shell)
    shell.press("c")
    shell.wait_for("Sent code 1")
    shell.press("\x1a")
    shell.wait_for("prompt>")
    assert_given_back(shell)
    shell.press("stty -a | tr ';' '\\n' | grep -wo -- '-*icanon'", "enter")
    shell.wait_for("\nicanon")
    shell.press("fg", "enter")
    shell.wait_for("Hidden: press any key", "10  ••••• •••••", "R Rotate")
    shell.press("x")
    shell.wait_until(lambda: "press any key" not in shell.text and codes[9][5:] in shell.text, "the codes")
    assert codes_on(shell) == codes
    shell.press("\x03")
    shell.wait_for("once more")
    shell.press("\x03")
    shell.wait_for("prompt>")
    shell.press("echo status $?", "enter")
    shell.wait_for("status 0")


def test_program_ends_if_its_parent_is_killed(run: Run, mfa_tui: str) -> None:
    shell = run("bash", "--norc", "-i", PS1="prompt> ", SSH_TTY="/dev/pts/0")
    shell.wait_for("prompt>")
    shell.press(f"sh -c 'echo parent $$; sleep 0.1; {mfa_tui}; true'", "enter")
    parent = re.search(r"parent (\d+)\s*\n", shell.wait_for("parent "))
    shell.wait_for("Not confirmed yet")
    codes = codes_on(shell)
    assert parent is not None
    os.kill(int(parent[1]), SIGKILL)
    shell.wait_until(lambda: b"\x1b[?1049l" in shell.sent, "its end")
    shell.press("echo here", "enter")
    shell.wait_for("here")
    assert_given_back(shell)
    assert not any(code[:5] in shell.text for code in codes)


def test_quit_question_stays_while_codes_are_read(start: Start) -> None:
    program = start()
    program.wait_for("q Quit")
    program.wait_for("Not confirmed yet")
    program.press("r\x03")
    program.wait_for("once more")
    program.press("\x03")
    assert program.end() == 0
