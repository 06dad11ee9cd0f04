import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands.conftest import Shell
from tests.support.program import Program
from tests.support.server import Served, served

EMAIL = "ada@example.org"

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def converse(command: list[str], *lines: Callable[[], str]) -> tuple[int, str, str]:
    """Run a command that reads a line, then the next, each given when it is there."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, bufsize=1, **pipes) as process:  # type: ignore[call-overload]
        for line in lines:
            process.stdin.write(f"{line()}\n")
            process.stdin.flush()
        out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_the_code_from_the_mail_is_a_line_of_stdin(mfa_tui: str, shell: Shell, hosted: Served) -> None:
    code, out, err = converse([mfa_tui, "login", "--email", EMAIL, *hosted.flags], hosted.next_code)
    assert (code, out) == (0, "")
    assert f"Signed in as {EMAIL}" in err
    assert shell("codes", *hosted.flags).code == 0


def test_the_whole_of_a_hosted_challenge_is_two_lines_of_stdin(mfa_tui: str, shell: Shell, hosted: Served) -> None:
    login = [mfa_tui, "login", "--email", EMAIL, *hosted.flags]
    assert converse(login, hosted.next_code)[0] == 0
    codes = shell("codes", *hosted.flags).codes
    shell("acknowledge", *hosted.flags)
    shell("logout", *hosted.flags)
    assert shell("status", *hosted.flags).code == 3
    assert converse(login, hosted.next_code)[0] == 4
    assert shell("status", *hosted.flags).code == 3, "nothing is kept of a session whose challenge is pending"
    assert shell("use", *hosted.flags).code == 2, "it does not know the address"
    code, out, _ = converse([mfa_tui, "use", "--email", EMAIL, *hosted.flags], hosted.next_code, lambda: codes[4])
    assert (code, out) == (0, "Challenge passed: 9 of 10 left.\n")
    assert shell("codes", *hosted.flags).codes == codes[:4] + codes[5:]


def test_a_new_profile_is_written_down_once_somebody_is_signed_in(mfa_tui: str, shell: Shell, hosted: Served) -> None:
    login = [mfa_tui, "login", "--profile", "work", "--email", EMAIL, *hosted.flags]
    assert converse(login, lambda: "000000")[0] == 1
    config = Path.home() / ".config" / "mfa-tui" / "config.toml"
    hosted.next_code()
    assert not config.exists()
    assert converse(login, hosted.next_code)[0] == 0
    assert hosted.environment_id in config.read_text()
    assert shell("status").code == 0


def test_end_of_input_is_a_clean_refusal(mfa_tui: str, hosted: Served) -> None:
    code, out, err = converse([mfa_tui, "login", "--email", EMAIL, *hosted.flags])
    assert (code, out) == (1, "")
    assert "Input ended" in err
    assert "The mail went out" in err
    assert "Nothing" not in err


def test_without_an_address_nothing_is_sent(shell: Shell, hosted: Served) -> None:
    answer = shell("login", *hosted.flags)
    assert answer.code == 2
    assert "--email" in answer.err
    assert not list(hosted.outbox.glob("*.eml"))


@posix
def test_on_a_terminal_it_asks_for_the_address_and_the_code_and_finishes_a_challenge(
    on_terminal: Callable[..., Program], shell: Shell, hosted: Served
) -> None:
    program = on_terminal("login", *hosted.flags)
    program.wait_for("E-mail address:")
    program.press(EMAIL, "enter")
    program.wait_for("A code is on its way", "six digits")
    program.press("000000", "enter")
    program.wait_for("That is not the code from the mail")
    program.press("12345", "enter")
    program.wait_for("no try is used up by it")
    mailed = hosted.next_code()
    program.press(mailed, "enter")
    assert program.end() == 0
    assert mailed not in program.text
    codes = shell("codes", *hosted.flags).codes
    shell("acknowledge", *hosted.flags)
    again = on_terminal("login", "--email", EMAIL, *hosted.flags)
    again.wait_for("six digits")
    again.press(hosted.next_code(), "enter")
    again.wait_for("Recovery or authenticator code")
    again.press(codes[0], "enter")
    assert again.end() == 0
    assert "Challenge passed: 9 of 10 left." in again.text
    assert b"\x1b" not in program.sent + again.sent


@pytest.mark.usefixtures("saved")
def test_logout_ends_the_session_at_the_service_and_here(shell: Shell) -> None:
    assert shell("logout").code == 0, "with nobody signed in"
    assert shell("codes").code == 4


def test_logout_says_where_the_session_may_live_on(mfa_tui: str, shell: Shell, tmp_path: Path) -> None:
    with served(tmp_path / "ends") as environment:
        login = [mfa_tui, "login", "--email", EMAIL, *environment.flags]
        assert converse(login, environment.next_code)[0] == 0
    answer = shell("logout", *environment.flags)
    assert answer.code == 6
    assert "The session may live there until 20" in answer.err
    assert shell("status", *environment.flags).code == 3, "it is forgotten here all the same"
