import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands.conftest import use_up
from tests.support.command import CODE, run_command
from tests.support.program import Program
from tests.support.terminals import require


def test_codes_prints_json_in_the_shape_of_the_api() -> None:
    as_lines = run_command("codes")
    assert as_lines.out.splitlines() == as_lines.codes
    assert json.loads(run_command("codes", "--json").out) == {"count": 10, "recoveryCodes": as_lines.codes}


def test_codes_warns_about_scrollback_on_a_terminal(on_terminal: Callable[..., Program]) -> None:
    program = on_terminal("codes")
    assert program.end() == 0
    assert len(CODE.findall(program.text)) == 10
    assert program.text.count("scrollback") == 1
    assert b"\x1b" not in program.sent


def test_codes_does_not_warn_in_a_pipe() -> None:
    assert run_command("codes").err == ""


def test_codes_print_nothing_if_none_is_left(saved: list[str]) -> None:
    use_up(saved)
    result = run_command("codes")
    assert (result.code, result.out) == (0, "")
    assert "No code is left. Rotate" in result.err
    assert json.loads(run_command("codes", "--json").out) == {"count": 0, "recoveryCodes": []}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_codes_fail_if_stdout_is_closed(mfa_tui: str) -> None:
    done = subprocess.run(["sh", "-c", f"{mfa_tui} codes >&-"], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "could not be written to standard output" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_codes_fails_if_stdout_cannot_be_written(mfa_tui: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run([mfa_tui, "codes"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "could not be written to standard output" in done.stderr
    assert "Traceback" not in done.stderr


def test_codes_are_saved_to_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    result = run_command("codes", "--save", str(path))
    assert (result.code, result.out) == (0, "")
    assert f"Saved to {path}" in result.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run_command("check", str(path)).code == 0


def test_codes_save_json_names_the_place_and_no_code(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    result = run_command("codes", "--save", str(path), "--json")
    assert json.loads(result.out) == {"count": 10, "saved": str(path)}


def test_codes_never_replace_a_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("other")
    result = run_command("codes", "--save", str(path))
    assert (result.code, path.read_text()) == (1, "other")
    assert "it exists already" in result.err


def test_codes_are_saved_to_keepassxc_with_a_password_on_stdin(database: Path) -> None:
    place = f"keepassxc:{database}:mfa"
    assert run_command("codes", "--save", place, stdin="wrong\n").code == 1
    assert run_command("codes", "--save", place, stdin="password\n").code == 0
    assert run_command("check", place, stdin="password\n").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_age_asks_for_a_passphrase_on_the_terminal(tmp_path: Path, on_terminal: Callable[..., Program]) -> None:
    require("age")
    path = tmp_path / "codes.age"
    program = on_terminal("codes", "--save", str(path))
    for prompt in ("leave empty to autogenerate", "Confirm passphrase", "Enter passphrase:"):
        program.wait_for(prompt)
        program.press("a passphrase", "enter")
    assert program.end() == 0
    assert path.read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    check = on_terminal("check", str(path))
    check.wait_for("Enter passphrase:")
    check.press("a passphrase", "enter")
    assert check.end() == 0
