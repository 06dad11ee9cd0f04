import sys
from collections.abc import Callable

import pytest

from tests.cli.commands.conftest import read_codes, use_up
from tests.support.command import run_command, run_with_faults
from tests.support.program import Program
from tests.support.transport import READ, USE, lost_after, lost_before


@pytest.mark.usefixtures("saved")
def test_end_of_input_is_a_clean_refusal() -> None:
    result = run_command("use")
    assert (result.code, result.out) == (1, "")
    assert "Input ended" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "typed",
    [
        "\n",
        "é" * 10 + "\n",
        "x" * 5000,
        "ABCDE\x1bGHIJ\n",
        "\udcff\n".encode("utf-8", "surrogateescape").decode("latin-1"),
    ],
)
@pytest.mark.usefixtures("saved")
def test_use_does_not_send_input_that_is_no_code(typed: str) -> None:
    result = run_command("use", stdin=typed)
    assert result.code == 1
    assert "Nothing was sent" in result.err


def test_use_takes_no_code_without_a_pending_challenge(codes: list[str]) -> None:
    result = run_command("use", stdin=codes[0])
    assert result.code == 0
    assert "No challenge is pending" in result.err
    assert read_codes() == codes


def test_use_does_not_send_text_of_another_length(saved: list[str]) -> None:
    result = run_command("use", stdin=saved[0][:9])
    assert result.code == 1
    assert "This has 9 letters or digits" in result.err
    assert "Nothing was sent" in result.err


def test_use_sends_a_code_once_if_the_response_is_lost(saved: list[str]) -> None:
    result = run_with_faults({USE: lost_after}, "use", stdin=saved[0])
    assert (result.code, result.out) == (7, "")
    assert "may be used up" in result.err
    assert run_command("use", stdin=saved[1]).out == "Challenge passed: 8 of 10 left.\n"


def test_use_succeeds_if_codes_left_cannot_be_counted(saved: list[str]) -> None:
    result = run_with_faults({READ: lost_before}, "use", stdin=saved[0])
    assert (result.code, result.out) == (0, "Challenge passed. How many codes are left could not be read.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_use_prompt_does_not_echo_the_code(saved: list[str], on_terminal: Callable[..., Program]) -> None:
    program = on_terminal("use")
    program.wait_for("not shown as you type")
    program.press(saved[3], "enter")
    assert program.end() == 0
    assert "Challenge passed: 9 of 10 left." in program.text
    assert saved[3].encode() not in program.sent
    assert b"\x1b" not in program.sent


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_use_asks_again_on_a_terminal_after_a_wrong_code(saved: list[str], on_terminal: Callable[..., Program]) -> None:
    program = on_terminal("use")
    program.wait_for("not shown as you type")
    program.press("é", "enter")
    program.wait_for("Nothing was sent")
    program.press(saved[3][:9], "enter")
    program.wait_for("enter the same once more to send it unchanged")
    program.press(saved[3][:9], "enter")
    program.wait_for("Not accepted")
    program.press("123456", "enter")
    program.wait_for("This account has no such authenticator app or passkey.", "Use a recovery code.")
    program.press(saved[3], "enter")
    assert program.end() == 0
    assert "Challenge passed: 9 of 10 left." in program.text


def test_use_warns_if_few_codes_are_left(saved: list[str]) -> None:
    use_up(saved[4:])
    result = run_command("use", stdin=saved[3])
    assert result.out == "Challenge passed: 3 of 10 left.\n"
    assert "Only 3 are left" in result.err
