"""Concurrent and killed processes on one data folder: small runs of `service_processes`."""

import random
import sys
from pathlib import Path

import pytest

from tests.faults import service_processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")


def test_one_of_twenty_processes_uses_a_code(tmp_path: Path) -> None:
    assert service_processes.race(tmp_path / "mfa", processes=20, rounds=2) == [1, 1]


def test_a_process_killed_during_rotation_leaves_a_complete_set(tmp_path: Path) -> None:
    assert sum(service_processes.rotation(tmp_path / "mfa", rounds=5, rng=random.Random(5))) == 5


def test_a_server_killed_under_load_loses_no_confirmed_change(tmp_path: Path) -> None:
    figures = service_processes.http_kill(tmp_path / "mfa", rounds=2, users=4, rng=random.Random(2))
    assert figures["kills"] == 2
    assert figures["rotations confirmed"] + figures["uses confirmed"] > 0
