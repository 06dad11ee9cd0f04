"""Small, monochrome, ASCII and old terminals, and windows that are resized."""

import re
from signal import SIGTERM

import pytest

from tests.terminal.conftest import Start
from tests.terminal.test_main_job import prove
from tests.terminal.test_ssh import CODE, codes_on

COLOURS = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")

TERMINALS = {
    "24 bits": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "256 colours": {"TERM": "xterm-256color", "COLORTERM": ""},
    "16 colours": {"TERM": "xterm", "COLORTERM": ""},
    "a vt100": {"TERM": "vt100", "COLORTERM": ""},
    "an unheard-of one": {"TERM": "frobnicator-9000", "COLORTERM": ""},
}


@pytest.mark.parametrize("terminal", TERMINALS)
def test_every_terminal_gets_its_own_sixteen_colours(start: Start, terminal: str) -> None:
    program = start(**TERMINALS[terminal])
    program.wait_for("Not confirmed yet", "R Rotate")
    assert len(codes_on(program)) == 10
    assert COLOURS.search(program.sent)
    assert not re.search(rb"\x1b\[[\d;]*[34]8;[25];", program.sent)


def test_no_color_keeps_the_meaning(start: Start) -> None:
    program = start(NO_COLOR="1")
    program.wait_for("Not confirmed yet", "R Rotate")
    program.press("R")
    program.wait_for("Replace all recovery codes?", "Replace them")
    program.press("right")
    program.kill(SIGTERM)
    assert program.end() == 143
    assert not COLOURS.search(program.sent)
    assert b"\x1b[1;7m" in program.sent, "the cursor is seen by reverse video"


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LANG": ""}, {"LANG": "C.UTF-8", "LC_ALL": "POSIX"}])
def test_output_is_ascii_without_a_utf_8_locale(start: Start, locale: dict[str, str]) -> None:
    program = start(**locale)
    program.wait_for("Not confirmed yet", "you@embedded.localhost - built-in service", "------")
    program.press("\x1b[O")
    program.wait_for("10  ***** *****")
    program.press("x")
    program.press("R")
    program.wait_for("+- Replace all recovery codes? ---", "|")
    program.kill(SIGTERM)
    assert program.end() == 143
    assert program.sent.isascii()


def test_codes_below_a_dialog_hide_too(start: Start) -> None:
    program = start(size=(140, 30))
    program.wait_for("Not confirmed yet")
    program.press("s")
    program.wait_for("Save the codes")
    program.press("\x1b[O")
    program.wait_for("1  ••••• •••••")
    program.press("escape")
    program.wait_until(lambda: len(CODE.findall(program.text)) == 10, "the codes again")


def test_resize_redraws_every_code(start: Start) -> None:
    program = start()
    program.wait_for("Not confirmed yet", "R Rotate")
    codes = codes_on(program)
    for size in ((40, 12), (120, 40), (40, 12), (80, 24)):
        program.resize(*size)
        program.wait_for("10 of 10 left", "Not confirmed yet", "q Quit")
        program.wait_until(lambda: all(code[5:] in program.text for code in codes), "ten codes")


def test_small_window_says_so_and_recovers(start: Start) -> None:
    program = start(size=(30, 8))
    program.wait_for("Window too small")
    program.resize(80, 24)
    program.wait_for("mfa-tui", "Not confirmed yet", "q Quit")
    program.resize(5, 2)
    program.resize(39, 12)
    program.wait_for("Window too small")
    assert program.quit() == 0


WHOLE = {
    "codes": ([], ["10 ", "then press v.", "q Quit"]),
    "copied": (["C"], ["Sent 10 codes", "press m.", "q Quit"]),
    "list": (["m"], ["Drag with Shift", "esc Back"]),
    "rotate": (["R"], ["Replace all", "be undone.", "Keep the existing codes", "Replace them"]),
    "save": (["s"], ["Save the codes", "without this machine.", "enter Save", "esc Back"]),
    "leave": (["q"], ["not confirmed", "locked out.", "Stay", "Quit anyway"]),
    "prove": (["v"], ["Verify that they are", "used up by it.", "enter Check", "esc Back"]),
    "factors": (["a"], ["Factors", "No app or passkey yet", "esc Back"]),
}


@pytest.mark.parametrize("screen", WHOLE)
def test_every_screen_fits_40_columns_and_12_lines(start: Start, screen: str) -> None:
    keys, texts = WHOLE[screen]
    program = start(size=(40, 12), SSH_TTY="/dev/pts/0")
    program.wait_for(*WHOLE["codes"][1])
    program.press(*keys)
    program.wait_until(lambda: all(text in " ".join(program.text.split()) for text in texts), f"all of {screen}")


def test_codes_and_challenge_screens_fit_when_confirmed(start: Start) -> None:
    program = start(size=(40, 12), SSH_TTY="/dev/pts/0")
    program.wait_for("Not confirmed yet")
    prove(program, dict(enumerate(codes_on(program), start=1)))
    program.wait_for("second factor.", "q Quit")
    assert program.quit() == 0
    challenge = start("challenge", size=(40, 12))
    challenge.wait_for("needs a second factor", "case do not matter.", "esc Give up")
    challenge.press("ABCDEFGHJK", "enter")
    challenge.wait_for("Not accepted", "next", "code.", "esc Give up")
    assert b"\x1b[1;31mNot accepted" in challenge.sent, "a refusal is red"
