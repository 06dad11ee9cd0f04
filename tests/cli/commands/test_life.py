import json
import stat
from pathlib import Path

from tests.cli.commands.conftest import Shell


def test_the_whole_life_of_a_set_by_verbs(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    assert shell("login").code == 0
    assert "none made yet" in shell("status").out
    first = shell("codes").codes
    assert len(first) == 10

    rotated = shell("rotate", "--yes", "--save", str(file))
    assert (rotated.code, rotated.out) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = shell("codes").codes
    assert len(second) == 10
    assert not set(first) & set(second)
    assert shell("check", str(file)).code == 0
    assert shell("acknowledge").code == 0

    assert shell("logout").code == 0
    assert shell("login").code == 4
    used = shell("use", stdin=f"{second[0][:5].lower()} {second[0][5:].lower()}\n")
    assert (used.code, used.out) == (0, "Challenge passed: 9 of 10 left.\n")

    status = json.loads(shell("status", "--json").out)
    assert (status["count"], status["signedIn"], status["challengePending"]) == (9, True, False)
    assert status["acknowledgementPending"] is False
    checked = shell("check", str(file))
    assert checked.code == 0
    assert "work, and are in the file: 9" in checked.out
