import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands.conftest import ROOT, read_codes
from tests.support.command import CODE, lost_rotation, run_command, run_with_faults
from tests.support.program import Program
from tests.support.transport import READ, ROTATE, WHO, Fault, after, lost_after, lost_before, refuses, straight

KILLED = """
import os, sys
from mfa_tui.cli.main import main
from mfa_tui.client import transport
from tests.support.transport import *

network = FaultyTransport()
transport.in_process = network.to
dies = after(lambda: os._exit(99), straight)
network.faults[ROTATE] = after(lambda: network.faults.update({WHO: dies}), straight)
sys.exit(main(sys.argv[1:]))
"""
"""Runs a command in a process that is killed at the first request after a rotation."""

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def test_rotate_without_a_terminal_requires_yes(codes: list[str]) -> None:
    result = run_command("rotate", stdin="yes\n")
    assert (result.code, result.out) == (2, "")
    assert "--yes" in result.err
    assert read_codes() == codes


def test_rotate_prints_the_new_codes(codes: list[str]) -> None:
    result = run_command("rotate", "--yes", "--json")
    new = json.loads(result.out)["recoveryCodes"]
    assert len(new) == 10
    assert not set(new) & set(codes)
    assert read_codes() == new


@posix
@pytest.mark.parametrize(("typed", "code"), [("no", 1), ("", 1), ("yes", 0)])
def test_rotate_asks_on_a_terminal(
    on_terminal: Callable[..., Program], typed: str, code: int, codes: list[str]
) -> None:
    program = on_terminal("rotate")
    program.wait_for("codes of you@embedded.localhost at built-in", "10 unused codes stop working at once", "Type yes")
    program.press(typed, "enter")
    assert program.end() == code
    after = read_codes()
    assert (after == codes) is (code == 1)
    assert ("Nothing was changed" in program.text) is (code == 1)
    if code == 0:
        assert CODE.findall(program.text) == after


@posix
def test_rotate_changes_nothing_if_input_ends(on_terminal: Callable[..., Program], codes: list[str]) -> None:
    program = on_terminal("rotate")
    program.wait_for("Type yes")
    program.press("\x04")
    assert program.end() == 1
    assert read_codes() == codes


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_rotate_checks_the_file_before_it_replaces_codes(tmp_path: Path, what: str, codes: list[str]) -> None:
    path = tmp_path / "kept.txt"
    if what == "file":
        path.write_text("mine")
    elif what == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path = tmp_path / "no such folder" / "kept.txt"
    result = run_command("rotate", "--yes", "--save", str(path))
    assert result.code == 1
    assert "could not be written" in result.err
    assert read_codes() == codes
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("named", ["", ".", "/tmp"])
def test_rotate_requires_the_name_of_a_file(named: str, codes: list[str]) -> None:
    result = run_command("rotate", "--yes", "--save", named)
    assert (result.code, result.out) == (2, "")
    assert "Type a file's name." in result.err
    assert read_codes() == codes


def test_rotate_names_the_account_without_asking() -> None:
    assert (
        "This replaces the codes of you@embedded.localhost at built-in service." in run_command("rotate", "--yes").err
    )


@pytest.mark.usefixtures("codes")
def test_rotate_saves_the_codes_before_the_next_request(tmp_path: Path) -> None:
    """The program is killed at its next request."""
    file = tmp_path / "kept.txt"
    command = [sys.executable, "-c", KILLED, "rotate", "--yes", "--save", str(file)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert done.returncode == 99
    assert run_command("check", str(file)).code == 0


def test_rotate_reports_codes_that_could_not_be_saved(tmp_path: Path, codes: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    removed: dict[str, Fault] = {ROTATE: after(folder.rmdir, straight)}
    result = run_with_faults(removed, "rotate", "--yes", "--save", str(folder / "kept.txt"))
    assert (result.code, result.out) == (8, "")
    assert "The codes were replaced nevertheless" in result.err
    assert "Show them with mfa-tui codes" in result.err
    assert not set(read_codes()) & set(codes)


@pytest.mark.usefixtures("codes")
def test_rotate_reads_codes_back_if_the_response_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "kept.txt"
    result = run_with_faults({ROTATE: lost_after}, "rotate", "--yes", "--json")
    assert result.code == 0
    assert "The old codes no longer work" in result.err
    assert json.loads(result.out) == json.loads(run_command("codes", "--json").out)
    result = run_with_faults({ROTATE: lost_after}, "rotate", "--yes", "--save", str(file))
    assert result.code == 0
    assert run_command("check", str(file)).code == 0


@pytest.mark.usefixtures("codes")
@pytest.mark.usefixtures("codes")
def test_unexplained_error_is_shown_with_its_request_id() -> None:
    result = run_with_faults({READ: refuses(409, {"error": "no"})}, "codes")
    assert re.search(r"^request id: [A-Za-z0-9]{50}$", result.err, re.MULTILINE) is None, "it is explained"
    result = run_with_faults({WHO: refuses(409, {"error": "no"})}, "codes")
    assert re.search(r"^request id: [A-Za-z0-9]{50}$", result.err, re.MULTILINE)


def test_rotate_fails_if_nothing_was_replaced(tmp_path: Path, codes: list[str]) -> None:
    file = tmp_path / "kept.txt"
    result = run_with_faults({ROTATE: lost_before}, "rotate", "--yes", "--save", str(file))
    assert result.out == ""
    assert not file.exists()
    assert result.code == 7
    assert "Nothing was replaced so far" in result.err
    assert read_codes() == codes


@pytest.mark.usefixtures("codes")
def test_rotate_reports_an_earlier_unseen_rotation_first() -> None:
    assert run_with_faults(lost_rotation(), "rotate", "--yes").code == 7
    new = run_command("rotate", "--yes")
    assert (new.code, new.out) == (1, "")
    assert "Show them with mfa-tui codes" in new.err
    assert run_command("rotate", "--yes").code == 1, "nobody has seen them yet"
    assert len(run_command("codes").codes) == 10
    assert run_command("rotate", "--yes").code == 0, "once they are shown"


@pytest.mark.usefixtures("codes")
def test_rotate_waits_for_an_unknown_rotation() -> None:
    withheld = {READ: refuses(403, {"error": "no"})}
    assert run_with_faults(withheld | {ROTATE: lost_after}, "rotate", "--yes").code == 7
    result = run_with_faults(withheld, "rotate", "--yes")
    assert (result.code, result.out) == (7, "")
    assert "until " in result.err


def test_rotate_save_json_names_the_place_and_no_code(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    result = run_command("rotate", "--yes", "--save", str(path), "--json")
    assert json.loads(result.out) == {"count": 10, "saved": str(path)}
    assert run_command("check", str(path)).code == 0


def test_rotate_saves_to_keepassxc(database: Path) -> None:
    place = f"keepassxc:{database}:mfa"
    assert run_command("rotate", "--yes", "--save", place, stdin="password\n").code == 0
    assert run_command("check", place, stdin="password\n").code == 0


def test_rotate_names_the_copies_that_no_longer_work(tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    run_command("codes", "--save", str(old))
    result = run_command("rotate", "--yes", "--save", str(tmp_path / "new.txt"))
    assert f"Codes that no longer work are in {old}." in result.err
