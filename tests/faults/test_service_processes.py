"""Processes on one data folder, at once or killed, in small; `service_processes` runs them at full size."""

import random
import sys
from pathlib import Path

import pytest

from tests.faults import service_processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")


def test_of_twenty_processes_that_offer_one_code_at_once_one_wins(tmp_path: Path) -> None:
    assert service_processes.race(tmp_path / "mfa", processes=20, rounds=2) == [1, 1]


def test_a_process_killed_while_it_rotates_leaves_a_whole_set(tmp_path: Path) -> None:
    assert sum(service_processes.rotation(tmp_path / "mfa", rounds=5, rng=random.Random(5))) == 5


def test_of_many_clients_that_offer_one_code_to_two_servers_one_wins(tmp_path: Path) -> None:
    assert service_processes.http_race(tmp_path / "mfa", clients=16, rounds=2) == [1, 1]


def test_a_server_killed_under_load_keeps_every_answered_rotation_and_spends_no_code_twice(tmp_path: Path) -> None:
    figures = service_processes.http_kill(tmp_path / "mfa", rounds=2, users=4, rng=random.Random(2))
    assert figures["kills"] == 2
    assert figures["rotations answered"] + figures["uses answered"] > 0
