import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands.conftest import CODE, DOUBT, Shell, codes_now
from tests.support.program import Program

DIES = """
import os
dies = after(lambda: os._exit(99), straight)
network.faults[ROTATE] = after(lambda: network.faults.update({WHO: dies}), straight)
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def test_where_nobody_can_be_asked_it_takes_yes(shell: Shell, codes: list[str]) -> None:
    answer = shell("rotate", stdin="yes\n")
    assert (answer.code, answer.out) == (2, "")
    assert "--yes" in answer.err
    assert codes_now() == codes


def test_it_prints_the_new_codes(shell: Shell, codes: list[str]) -> None:
    answer = shell("rotate", "--yes", "--json")
    new = json.loads(answer.out)["recoveryCodes"]
    assert len(new) == 10
    assert not set(new) & set(codes)
    assert codes_now() == new


@posix
@pytest.mark.parametrize(("typed", "code"), [("no", 1), ("", 1), ("yes", 0)])
def test_on_a_terminal_it_says_what_dies_and_asks(
    on_terminal: Callable[..., Program], typed: str, code: int, codes: list[str]
) -> None:
    program = on_terminal("rotate")
    program.wait_for("codes of you@embedded.localhost at embedded", "10 unused codes stop working at once", "Type yes")
    program.press(typed, "enter")
    assert program.end() == code
    after = codes_now()
    assert (after == codes) is (code == 1)
    assert ("Nothing was changed" in program.text) is (code == 1)
    if code == 0:
        assert CODE.findall(program.text) == after


@posix
def test_end_of_input_at_the_question_changes_nothing(on_terminal: Callable[..., Program], codes: list[str]) -> None:
    program = on_terminal("rotate")
    program.wait_for("Type yes")
    program.press("\x04")
    assert program.end() == 1
    assert codes_now() == codes


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_a_file_that_cannot_be_made_is_told_before_anything_is_replaced(
    shell: Shell, tmp_path: Path, what: str, codes: list[str]
) -> None:
    path = tmp_path / "kept.txt"
    if what == "file":
        path.write_text("mine")
    elif what == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path = tmp_path / "no such folder" / "kept.txt"
    answer = shell("rotate", "--yes", "--save", str(path))
    assert answer.code == 1
    assert "could not be written" in answer.err
    assert codes_now() == codes
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("named", ["", ".", "/tmp"])
def test_a_file_that_is_not_named_is_a_matter_of_usage_and_nothing_is_replaced(
    shell: Shell, named: str, codes: list[str]
) -> None:
    answer = shell("rotate", "--yes", "--save", named)
    assert (answer.code, answer.out) == (2, "")
    assert "Type a file's name." in answer.err
    assert codes_now() == codes


def test_whose_codes_are_replaced_is_said_without_a_question_too(shell: Shell) -> None:
    assert "This replaces the codes of you@embedded.localhost at embedded service." in shell("rotate", "--yes").err


@pytest.mark.usefixtures("codes")
def test_the_new_codes_are_saved_before_anything_else_can_fail(shell: Shell, tmp_path: Path) -> None:
    """The program is killed the moment that it asks anything else."""
    file = tmp_path / "kept.txt"
    answer = shell.with_faults(DIES, "rotate", "--yes", "--save", str(file))
    assert answer.code == 99
    assert shell("check", str(file)).code == 0


def test_where_the_new_codes_cannot_be_saved_it_says_where_they_are(
    shell: Shell, tmp_path: Path, codes: list[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    gone = f"import os\nnetwork.faults[ROTATE] = after(lambda: os.rmdir({str(folder)!r}), straight)"
    answer = shell.with_faults(gone, "rotate", "--yes", "--save", str(folder / "kept.txt"))
    assert (answer.code, answer.out) == (1, "")
    assert "The codes were replaced all the same" in answer.err
    assert "mfa-tui codes shows them" in answer.err
    assert not set(codes_now()) & set(codes)


@pytest.mark.usefixtures("codes")
def test_a_lost_answer_is_read_back_and_the_new_codes_are_printed_and_saved(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "kept.txt"
    answer = shell.with_faults("network.faults[ROTATE] = lost_after", "rotate", "--yes", "--json")
    assert answer.code == 0
    assert "The codes were replaced" in answer.err
    assert json.loads(answer.out) == json.loads(shell("codes", "--json").out)
    answer = shell.with_faults("network.faults[ROTATE] = lost_after", "rotate", "--yes", "--save", str(file))
    assert answer.code == 0
    assert shell("check", str(file)).code == 0


@pytest.mark.usefixtures("codes")
def test_codes_that_are_saved_are_not_printed_in_any_form(shell: Shell, tmp_path: Path) -> None:
    answer = shell("rotate", "--yes", "--json", "--save", str(tmp_path / "kept.txt"))
    assert (answer.code, answer.out) == (0, "")
    assert shell("check", str(tmp_path / "kept.txt")).code == 0


@pytest.mark.usefixtures("codes")
def test_what_nothing_explains_is_told_with_the_id_that_support_asks_for(shell: Shell) -> None:
    answer = shell.with_faults("network.faults[READ] = refuses(409, {'error': 'no'})", "codes")
    assert re.search(r"^request id: [A-Za-z0-9]{50}$", answer.err, re.MULTILINE) is None, "it is explained"
    answer = shell.with_faults("network.faults[WHO] = refuses(409, {'error': 'no'})", "codes")
    assert re.search(r"^request id: [A-Za-z0-9]{50}$", answer.err, re.MULTILINE)


def test_a_rotation_that_did_not_happen_is_no_success(shell: Shell, tmp_path: Path, codes: list[str]) -> None:
    file = tmp_path / "kept.txt"
    waits = "from mfa_tui.account import rotation; rotation.SETTLING = (0.0, 0.0)\n"
    answer = shell.with_faults(waits + "network.faults[ROTATE] = lost_before", "rotate", "--yes", "--save", str(file))
    assert answer.out == ""
    assert not file.exists()
    assert answer.code == 1
    assert "Nothing was replaced" in answer.err
    assert codes_now() == codes


@pytest.mark.usefixtures("codes")
def test_an_earlier_rotation_that_nobody_saw_is_told_first(shell: Shell) -> None:
    assert shell.with_faults(DOUBT, "rotate", "--yes").code == 7
    new = shell("rotate", "--yes")
    assert (new.code, new.out) == (1, "")
    assert "See them with mfa-tui codes" in new.err
    assert shell("rotate", "--yes").code == 0, "once it is known"


@pytest.mark.usefixtures("codes")
def test_where_the_service_shows_no_set_again_a_rotation_ends_the_doubt(shell: Shell) -> None:
    withheld = "network.faults[READ] = refuses(403, {'error': 'no'})\n"
    assert shell.with_faults(f"{withheld}network.faults[ROTATE] = lost_after", "rotate", "--yes").code == 7
    answer = shell.with_faults(withheld, "rotate", "--yes")
    assert answer.code == 0
    assert answer.codes == codes_now()
