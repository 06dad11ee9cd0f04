import pytest

from tests.cli.commands.conftest import DOUBT, Shell, codes_now


def test_codes_that_were_never_made_cannot_be_saved(shell: Shell) -> None:
    answer = shell("acknowledge")
    assert answer.code == 1
    assert "no codes yet" in answer.err


@pytest.mark.usefixtures("codes")
def test_codes_that_nobody_has_seen_cannot_be_saved(shell: Shell) -> None:
    assert shell.with_faults(DOUBT, "rotate", "--yes").code == 7
    answer = shell("acknowledge")
    assert answer.code == 1
    assert "See them with mfa-tui codes" in answer.err
    assert len(codes_now()) == 10
    assert shell("acknowledge").code == 0


@pytest.mark.usefixtures("codes")
def test_saying_it_twice_is_no_harm_and_each_time_it_is_told_what_changed_and_for_whom(shell: Shell) -> None:
    first, second = shell("acknowledge"), shell("acknowledge")
    assert (first.code, second.code) == (0, 0)
    assert "knows now that the codes of you@embedded.localhost at embedded service are saved" in first.err
    assert "Nothing changed: that the codes of you@embedded.localhost at embedded service are saved" in second.err
