"""Each exit code, from a command that a script would run."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import lost_rotation, run_command, run_process, run_with_faults
from tests.support.program import Program, content_of

ENVIRONMENT = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
HOSTED = ("--environment-id", ENVIRONMENT)


def test_0_done() -> None:
    assert run_process("status").code == 0


def test_1_if_a_code_is_not_accepted(saved: list[str]) -> None:  # noqa: ARG001 - the challenge
    result = run_process("use", stdin="ABCDEFGHJK\n")
    assert result.code == 1
    assert "Not accepted" in result.err


def test_2_if_an_option_is_unknown() -> None:
    assert run_command("status", "--code", "ABCDEFGHJK").code == 2


def test_2_if_the_data_folder_cannot_be_used(home: Path) -> None:
    (home / ".local").write_text("a file")
    assert run_command("status").code == 2


def test_2_for_the_screens_over_ssh_without_a_terminal() -> None:
    result = run_process("--profile", "embedded")
    assert result.code == 2
    assert "ssh -t" in result.err


def test_3_if_no_user_is_signed_in() -> None:
    result = run_process("codes", "--api-url", "http://127.0.0.1:9/api/v0", *HOSTED)
    assert result.code == 3


@pytest.mark.parametrize("command", [["status"], ["codes"], ["rotate", "--yes"], ["acknowledge"], ["login"]])
def test_4_if_a_challenge_is_pending(saved: list[str], command: list[str]) -> None:
    result = run_command(*command)
    assert result.code == 4
    assert not set(saved) & set(result.codes)


def test_5_after_too_many_attempts(saved: list[str]) -> None:
    codes = [run_command("use", stdin="ABCDEFGHJK\n").code for _ in range(6)]
    assert codes[:5] == [1] * 5
    assert codes[5] == 5
    result = run_process("use", stdin=saved[0])
    assert result.code == 5
    assert "no code is used up" in result.err


def test_6_if_the_service_is_not_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # no server listens on it
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/v0"
        result = run_process("login", "--email", "me@example.org", "--api-url", url, *HOSTED)
    assert result.code == 6


def test_7_if_the_outcome_of_a_rotation_is_unknown(codes: list[str]) -> None:
    result = run_with_faults(lost_rotation(), "rotate", "--yes")
    assert result.code == 7
    assert result.out == ""
    assert "not known whether" in result.err
    again = run_command("codes")
    assert again.code == 0
    assert "The codes were replaced" in again.err
    assert len(again.codes) == 10
    assert not set(again.codes) & set(codes)


def test_70_on_an_internal_error_without_its_values() -> None:
    broken = (
        "import sys\nfrom mfa_tui.cli.commands import status\ndef run(_): raise KeyError('SENTINEL23')\n"
        "status.run = run\nfrom mfa_tui.cli.main import main\nsys.exit(main(['status']))"
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "KeyError" in done.stderr
    assert "SENTINEL23" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM])
@pytest.mark.usefixtures("saved")
def test_128_plus_the_number_of_a_signal_at_the_prompt(
    on_terminal: Callable[..., Program], number: signal.Signals
) -> None:
    program = on_terminal("use")
    program.wait_for("not shown as you type")
    program.kill(number)
    assert program.end() == 128 + number
    assert program.child.signalstatus is None, "it was killed, and did not end by itself"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.usefixtures("saved")
def test_129_after_a_hang_up_at_a_hidden_prompt(mfa_tui: str, tmp_path: Path) -> None:
    """The terminal rejects every setting, such as the echo."""
    assert code_after_hang_up(f"{mfa_tui} use", "not shown as you type", tmp_path) == "129"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("arguments", "prompt"), [("rotate", "to replace them:"), ("--plain", "press Enter:")])
@pytest.mark.usefixtures("codes")
def test_129_after_a_hang_up_at_a_prompt_with_echo(arguments: str, prompt: str, mfa_tui: str, tmp_path: Path) -> None:
    assert code_after_hang_up(f"{mfa_tui} {arguments}", prompt, tmp_path) == "129"


def code_after_hang_up(command: str, prompt: str, folder: Path) -> str:
    # The shell around it survives the hang-up, and records the exit code.
    program = Program(["sh", "-c", f"trap '' HUP; {command}; echo $? > {folder}/status"])
    program.wait_for(prompt)
    program.hang_up()
    try:
        return content_of(folder / "status")
    finally:
        program.close()


def test_hints_name_the_profile_that_was_named(saved: list[str]) -> None:  # noqa: ARG001 - the challenge
    assert "complete it with mfa-tui --profile embedded use" in run_command("status", "--profile", "embedded").out
    assert "complete it with mfa-tui use" in run_command("status").out
