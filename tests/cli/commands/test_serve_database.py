"""The options of `mfa-tui serve` for PostgreSQL and for the key file."""

from pathlib import Path

import pytest

from mfa_tui.cli.commands import serve
from mfa_tui.cli.options import ServeOptions
from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.server.database import Location
from mfa_tui.server.errors import DatabaseUrlError
from tests.faults.service_processes import Server


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@h/mfa", "postgresql://h/mfa?password=hunter2"])
def test_serve_refuses_a_password_on_the_command_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="MFA_TUI_DATABASE_URL") as refused:
        serve.run(ServeOptions(data_dir=tmp_path / "mfa", database_url=url))
    assert "hunter2" not in str(refused.value)
    assert not (tmp_path / "mfa").exists()


def test_serve_reads_the_url_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MFA_TUI_DATABASE_URL", "mysql://u:hunter2@h/mfa")
    with pytest.raises(DatabaseUrlError):
        serve.run(ServeOptions(data_dir=tmp_path / "mfa"))


def test_two_servers_with_one_key_file_serve_one_environment(tmp_path: Path, database_url: Secret) -> None:
    keys = tmp_path / "keys.json"
    servers = [Server(Location(tmp_path / name, database_url, keys)) for name in ("a", "b")]
    try:
        assert len({server.url.rpartition("/")[2] for server in servers}) == 1
        assert not (tmp_path / "a" / "mfa.sqlite3").exists()
    finally:
        for server in servers:
            assert server.stop() == 143
