"""Every statement of every command is true on random faults, and no set is lost without a word."""

import sys

import pytest

from tests.faults import campaign, rotation_processes

posix = pytest.mark.skipif(sys.platform == "win32", reason="kills processes")


def test_every_statement_is_true_on_random_faults() -> None:
    with campaign.campaign(seed=5) as opened:
        campaign.run(opened, 8)
        assert not opened.violations, "\n".join(opened.violations)
        assert opened.figures["statements"] > 40


@posix
def test_two_rotations_at_once_leave_no_dead_file_called_saved() -> None:
    with rotation_processes.home() as opened:
        assert opened.rotate_twice_at_once() == []


@posix
def test_killed_rotation_is_named_at_the_next_start() -> None:
    with rotation_processes.home() as opened:
        assert opened.rotate_and_kill(seed=3) == []
