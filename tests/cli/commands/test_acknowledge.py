import pytest

from tests.cli.commands.conftest import read_codes
from tests.support.command import lost_rotation, run_command, run_with_faults


def test_codes_that_were_never_made_cannot_be_saved() -> None:
    result = run_command("acknowledge")
    assert result.code == 1
    assert "no codes yet" in result.err


@pytest.mark.usefixtures("codes")
def test_codes_that_nobody_has_seen_cannot_be_saved() -> None:
    assert run_with_faults(lost_rotation(), "rotate", "--yes").code == 7
    result = run_command("acknowledge")
    assert result.code == 1
    assert "Show them with mfa-tui codes" in result.err
    assert len(read_codes()) == 10
    assert run_command("acknowledge").code == 0


@pytest.mark.usefixtures("codes")
def test_saying_it_twice_is_no_harm_and_each_time_it_is_told_what_changed_and_for_whom() -> None:
    first, second = run_command("acknowledge"), run_command("acknowledge")
    assert (first.code, second.code) == (0, 0)
    assert "knows now that the codes of you@embedded.localhost at built-in service are saved" in first.err
    assert "Nothing changed: that the codes of you@embedded.localhost at built-in service are saved" in second.err
