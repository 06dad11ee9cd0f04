import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands.conftest import read_codes, use_up
from tests.support.command import Lines, run_command
from tests.support.program import Program
from tests.support.server import Served, served

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def test_login_reads_the_mailed_code_from_stdin(hosted: Served, email: str) -> None:
    result = run_command("login", "--email", email, *hosted.flags, stdin=Lines(hosted.next_code))
    assert (result.code, result.out) == (0, "")
    assert f"Signed in as {email}" in result.err
    assert run_command("codes", *hosted.flags).code == 0


def test_use_reads_mailed_and_recovery_code_from_stdin(hosted: Served, email: str) -> None:
    login = ["login", "--email", email, *hosted.flags]
    assert run_command(*login, stdin=Lines(hosted.next_code)).code == 0
    codes = run_command("codes", *hosted.flags).codes
    assert run_command("acknowledge", *hosted.flags).code == 0
    run_command("logout", *hosted.flags)
    assert run_command("status", *hosted.flags).code == 3
    assert run_command(*login, stdin=Lines(hosted.next_code)).code == 4
    assert run_command("status", *hosted.flags).code == 3, "nothing is kept of a session whose challenge is pending"
    assert run_command("use", *hosted.flags).code == 2, "it does not know the address"
    result = run_command("use", "--email", email, *hosted.flags, stdin=Lines(hosted.next_code, lambda: codes[4]))
    assert (result.code, result.out) == (0, "Challenge passed: 9 of 10 left.\n")
    assert run_command("codes", *hosted.flags).codes == codes[:4] + codes[5:]


def test_login_saves_a_new_profile_after_signing_in(hosted: Served, email: str) -> None:
    login = ["login", "--profile", "work", "--email", email, *hosted.flags]
    assert run_command(*login, stdin=Lines(lambda: "000000")).code == 1
    config = Path.home() / ".config" / "mfa-tui" / "config.toml"
    hosted.next_code()
    assert not config.exists()
    assert run_command(*login, stdin=Lines(hosted.next_code)).code == 0
    assert hosted.environment_id in config.read_text()
    assert run_command("status").code == 0


def test_end_of_input_is_a_clean_refusal(hosted: Served, email: str) -> None:
    result = run_command("login", "--email", email, *hosted.flags)
    assert (result.code, result.out) == (1, "")
    assert "Input ended" in result.err
    assert "The e-mail was sent" in result.err
    assert "Nothing" not in result.err


def test_login_sends_nothing_without_an_address(hosted: Served) -> None:
    result = run_command("login", *hosted.flags)
    assert result.code == 2
    assert "--email" in result.err
    assert not list(hosted.outbox.glob("*.eml"))


@posix
def test_login_asks_on_a_terminal_and_completes_a_challenge(
    on_terminal: Callable[..., Program], hosted: Served, email: str
) -> None:
    program = on_terminal("login", *hosted.flags)
    program.wait_for("E-mail address:")
    program.press(email, "enter")
    program.wait_for("A code is on its way", "Six-digit code")
    program.press("000000", "enter")
    program.wait_for("That is not the code from the e-mail")
    program.press("12345", "enter")
    program.wait_for("no attempt was used up")
    mailed = hosted.next_code()
    program.press(mailed, "enter")
    assert program.end() == 0
    assert mailed not in program.text
    codes = run_command("codes", *hosted.flags).codes
    assert run_command("acknowledge", *hosted.flags).code == 0
    again = on_terminal("login", "--email", email, *hosted.flags)
    again.wait_for("Six-digit code")
    again.press(hosted.next_code(), "enter")
    again.wait_for("Recovery or authenticator code")
    again.press(codes[0], "enter")
    assert again.end() == 0
    assert "Challenge passed: 9 of 10 left." in again.text
    assert b"\x1b" not in program.sent + again.sent


@pytest.mark.usefixtures("saved")
def test_logout_ends_the_session_at_the_service_and_locally() -> None:
    assert run_command("logout").code == 0, "with nobody signed in"
    assert run_command("codes").code == 4


def test_logout_reports_a_session_it_could_not_revoke(tmp_path: Path, email: str) -> None:
    with served(tmp_path / "ends") as environment:
        login = ["login", "--email", email, *environment.flags]
        assert run_command(*login, stdin=Lines(environment.next_code)).code == 0
    result = run_command("logout", *environment.flags)
    assert result.code == 6
    assert "The session may live there until 20" in result.err
    assert run_command("status", *environment.flags).code == 3, "it is forgotten here all the same"


@pytest.mark.usefixtures("codes")
def test_logout_needs_yes_in_a_script_if_codes_are_not_confirmed() -> None:
    refused = run_command("logout")
    assert refused.code == 2
    assert "locked out" in refused.err
    assert "Give --yes to sign out" in refused.err
    assert json.loads(run_command("status", "--json").out)["expiresAt"] is not None
    assert run_command("logout", "--yes").code == 0


@posix
@pytest.mark.parametrize("command", ["login", "use"])
def test_rotation_after_the_last_code_prints_the_new_ones(
    command: str, saved: list[str], on_terminal: Callable[..., Program]
) -> None:
    use_up(saved[1:])
    program = on_terminal(command)
    program.wait_for("not shown as you type")
    program.press(saved[0], "enter")
    program.wait_for("Type yes to")
    program.press("yes", "enter")
    assert program.end() == 0
    assert set(read_codes()) <= set(program.text.split())
