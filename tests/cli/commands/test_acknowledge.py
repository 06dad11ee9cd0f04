import pytest

from tests.cli.commands.conftest import use_up
from tests.support.command import lost_rotation, run_command, run_with_faults


def test_acknowledge_fails_without_codes() -> None:
    result = run_command("acknowledge")
    assert result.code == 1
    assert "No codes exist yet" in result.err


@pytest.mark.usefixtures("codes")
def test_acknowledge_fails_for_unseen_codes() -> None:
    assert run_with_faults(lost_rotation(), "rotate", "--yes").code == 7
    result = run_command("acknowledge")
    assert result.code == 1
    assert "Show them with mfa-tui codes" in result.err
    assert len(run_command("codes").codes) == 10
    assert run_command("acknowledge").code == 0


@pytest.mark.usefixtures("codes")
def test_acknowledge_twice_reports_that_nothing_changed() -> None:
    first, second = run_command("acknowledge"), run_command("acknowledge")
    assert (first.code, second.code) == (0, 0)
    assert "The codes of you@embedded.localhost at built-in service:\nConfirmed." in first.err
    assert "They were confirmed before; nothing changed." in second.err


def test_acknowledge_with_no_code_left_advises_to_rotate(saved: list[str]) -> None:
    use_up(saved)
    result = run_command("acknowledge")
    assert result.code == 1
    assert "No code is left to confirm." in result.err
    assert "Rotate to get new ones: mfa-tui rotate." in result.err
