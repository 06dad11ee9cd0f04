"""The main task of a user: view the codes, rotate them, confirm them, use one."""

import re
import subprocess
import sys

import pytest

from mfa_tui.workflows.messages import NOTHING_TO_CHALLENGE
from tests.support.program import Program
from tests.terminal.conftest import Start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

CODE = re.compile(r"(\d+)  ([A-Z2-9]{5} [A-Z2-9]{5})")


def codes_on(program: Program) -> dict[int, str]:
    return {int(number): code for number, code in CODE.findall(program.text)}


def prove(program: Program, codes: dict[int, str]) -> None:
    program.press("v")
    for step in ("1 of 2", "2 of 2"):
        screen = program.wait_for("characters of code", step)
        asked = re.search(r"of code (\d+)", screen)
        assert asked is not None
        program.press(codes[int(asked[1])][-4:], "enter")
    program.wait_for("Confirmed")


def test_the_whole_life_of_a_set(start: Start) -> None:
    program = start()
    program.wait_for("10 of 10 left", "Not confirmed yet")
    first = codes_on(program)
    assert sorted(first) == list(range(1, 11))

    program.press("R")
    program.wait_for("Replace all recovery codes?", "10 unused codes stop")
    program.press("enter")
    program.wait_for("Your existing codes remain valid")
    assert codes_on(program) == first

    program.press("R")
    program.wait_for("Replace all recovery codes?")
    program.press("right", "enter")
    program.wait_until(lambda: len(codes_on(program)) == 10 and codes_on(program) != first, "ten other codes")
    second = codes_on(program)
    assert not set(first.values()) & set(second.values())

    prove(program, second)
    program.press("q")
    assert program.end() == 0

    challenge = start("challenge")
    challenge.wait_for("needs a second factor")
    challenge.press(first[1], "enter")
    challenge.wait_for("Not accepted", first[1])
    challenge.press("\x15")
    challenge.wait_until(lambda: first[1] not in challenge.text, "an empty field")
    challenge.press(second[3].lower(), "enter")
    assert challenge.end() == 0
    assert "Challenge passed: 9 of 10 left." in challenge.text

    again = start()
    again.wait_for("9 of 10 left")
    assert set(codes_on(again).values()) == set(second.values()) - {second[3]}
    again.press("q")
    assert again.end() == 0


def test_enter_directly_after_the_last_symbol_includes_it(start: Start, saved: list[str]) -> None:
    challenge = start("challenge")
    challenge.wait_for("needs a second factor")
    challenge.press(saved[6][:9], "enter")
    challenge.wait_for("This has 9 letters or digits")
    challenge.press(saved[6][9:] + "\r")
    assert challenge.end() == 0
    assert "Challenge passed: 9 of 10 left." in challenge.text


def test_challenge_ends_at_once_without_confirmed_codes(start: Start) -> None:
    program = start("challenge")
    assert program.end() == 0
    assert str(NOTHING_TO_CHALLENGE) in " ".join(program.text.split()), "it is not broken between words"


def test_quit_warns_about_unconfirmed_codes(start: Start) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    program.press("q")
    program.wait_for("These codes are not confirmed")
    program.press("enter")
    program.wait_until(lambda: "These codes are not confirmed" not in program.text, "the codes again")
    program.press("q")
    program.wait_for("These codes are not confirmed")
    program.press("right", "enter")
    assert program.end() == 0


def test_small_terminal_shows_every_code(start: Start) -> None:
    program = start(size=(40, 12))
    program.wait_for("10 of 10 left", "Not confirmed yet", "q Quit")
    program.wait_until(lambda: len(codes_on(program)) == 10, "ten codes")


@pytest.mark.parametrize("typed", ["ABCDE\x1b]0;x\x07", "é" * 10, "x" * 200])
@pytest.mark.usefixtures("saved")
def test_input_that_is_no_code_is_not_sent_and_can_be_corrected(start: Start, typed: str) -> None:
    challenge = start("challenge")
    challenge.wait_for("needs a second factor")
    challenge.paste(typed)
    challenge.press("enter")
    challenge.wait_for("Nothing was sent")
    challenge.press("escape")
    challenge.wait_for("ABCDE FGHIJ")
    challenge.press("escape")
    challenge.wait_for("Give up this sign-in?")
    challenge.press("y")
    assert challenge.end() == 1


def test_dumb_terminal_gets_the_line_mode(start: Start) -> None:
    program = start(TERM="dumb")
    program.wait_for("10 of 10 left.")
    assert b"\x1b" not in program.sent


def test_screens_without_a_terminal_end_with_2(mfa_tui: str) -> None:
    result = subprocess.run([mfa_tui], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "not one" in result.stderr
    assert result.stdout == ""
