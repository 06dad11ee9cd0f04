import json
import stat
from pathlib import Path

from tests.support.command import run_process


def test_commands_cover_the_whole_life_of_a_set(tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    assert run_process("login").code == 0
    assert "none made yet" in run_process("status").out
    first = run_process("codes").codes
    assert len(first) == 10

    rotated = run_process("rotate", "--yes", "--save", str(file))
    assert (rotated.code, rotated.out) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = run_process("codes").codes
    assert len(second) == 10
    assert not set(first) & set(second)
    assert run_process("check", str(file)).code == 0
    assert run_process("acknowledge").code == 0

    assert run_process("logout").code == 0
    assert run_process("login").code == 4
    used = run_process("use", stdin=f"{second[0][:5].lower()} {second[0][5:].lower()}\n")
    assert (used.code, used.out) == (0, "Challenge passed: 9 of 10 left.\n")

    status = json.loads(run_process("status", "--json").out)
    assert (status["count"], status["signedIn"], status["challengePending"]) == (9, True, False)
    assert status["acknowledgementPending"] is False
    checked = run_process("check", str(file))
    assert checked.code == 0
    assert "work, and are in this copy: 9" in checked.out
