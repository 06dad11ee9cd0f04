import json
import stat
from pathlib import Path

from tests.support.command import run_command


def test_the_whole_life_of_a_set_by_commands(tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    assert run_command("login").code == 0
    assert "none made yet" in run_command("status").out
    first = run_command("codes").codes
    assert len(first) == 10

    rotated = run_command("rotate", "--yes", "--save", str(file))
    assert (rotated.code, rotated.out) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = run_command("codes").codes
    assert len(second) == 10
    assert not set(first) & set(second)
    assert run_command("check", str(file)).code == 0
    assert run_command("acknowledge").code == 0

    assert run_command("logout").code == 0
    assert run_command("login").code == 4
    used = run_command("use", stdin=f"{second[0][:5].lower()} {second[0][5:].lower()}\n")
    assert (used.code, used.out) == (0, "Challenge passed: 9 of 10 left.\n")

    status = json.loads(run_command("status", "--json").out)
    assert (status["count"], status["signedIn"], status["challengePending"]) == (9, True, False)
    assert status["acknowledgementPending"] is False
    checked = run_command("check", str(file))
    assert checked.code == 0
    assert "work, and are in the file: 9" in checked.out
