"""The program reports the codes in the database after a cut connection and after a kill."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills processes")

ROOT = Path(__file__).parent.parent.parent


def test_reported_codes_match_the_database_after_cut_and_kill() -> None:
    # In its own process: it forks, and a process with threads must not.
    command = [sys.executable, "-m", "tests.faults.rotation_cuts", "6", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith(("| emb", "| over"))]
    assert sum(int(row[3]) for row in rows) == 12, done.stdout
    assert sum(int(row[4]) for row in rows) == 0, done.stdout
