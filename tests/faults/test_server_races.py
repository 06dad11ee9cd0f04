"""Two servers on one database, with many clients at once: a small run of `server_races`."""

import sys
from pathlib import Path

import pytest

from mfa_tui.server.database import Location
from tests.faults import server_races

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="starts and ends servers by signals")


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_one_of_many_clients_of_two_servers_wins(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("database_url") if engine == "PostgreSQL" else None
    results = server_races.run(Location(tmp_path / "mfa", url), clients=16)
    assert [statuses[200] for name in results for statuses in results[name]] == [1, 1, 1, 0, 1]
    (guesses,) = results["wrong codes"]
    assert guesses[422] == 5
