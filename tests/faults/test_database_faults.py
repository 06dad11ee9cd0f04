"""A primary that dies under load: a small run of `database_faults`."""

import sys
from pathlib import Path

import pytest

from tests.faults import database_faults

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signals")


def test_a_failover_to_a_standby_behind_loses_no_confirmed_change(tmp_path: Path) -> None:
    figures = database_faults.run("failover-behind", tmp_path, users=4, seed=1)
    assert figures["VIOLATIONS"] == 0
    assert figures["200"] > 0
