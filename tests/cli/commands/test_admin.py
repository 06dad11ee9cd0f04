from collections.abc import Callable
from pathlib import Path

import pytest

from mfa_tui.redaction import Secret
from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from tests.support.command import run_command
from tests.support.program import Program
from tests.support.server import served

EMAIL = "ada@example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder of a service with a seeded user, which is stopped."""
    folder = tmp_path / "mfa"
    service = Service.open(folder)
    service.seed([EMAIL], with_totp=True)
    service.close()
    return folder


def _notices(folder: Path) -> list[str]:
    return [path.read_text() for path in (folder / "outbox").glob("notice-*.eml") if "was reset" in path.read_text()]


def _has_codes(location: Location | Path) -> bool:
    service = Service.open(location)
    try:
        return service._store.read(lambda db: db.exists("SELECT 1 FROM recovery_codes"))
    finally:
        service.close()


def test_admin_reset_works_while_the_service_runs(folder: Path) -> None:
    with served(folder):
        result = run_command("admin", "reset", EMAIL, "--data-dir", str(folder), "--yes")
    assert result.code == 0, result.err
    assert "The next sign-in needs only the code" in result.err
    assert not _has_codes(folder)
    assert len(_notices(folder)) == 1


def test_admin_reset_of_an_unknown_address_ends_with_1(folder: Path) -> None:
    result = run_command("admin", "reset", "eve@example.org", "--data-dir", str(folder), "--yes")
    assert result.code == 1
    assert "no user with this address" in result.err
    assert _has_codes(folder)


def test_admin_reset_asks_unless_yes_is_given(folder: Path) -> None:
    result = run_command("admin", "reset", EMAIL, "--data-dir", str(folder))
    assert result.code == 2
    assert "recovery codes stop working" in result.err
    assert "--yes" in result.err
    assert _has_codes(folder)


def test_admin_reset_changes_nothing_if_declined(folder: Path, on_terminal: Callable[..., Program]) -> None:
    program = on_terminal("admin", "reset", EMAIL, "--data-dir", str(folder))
    program.wait_for("Type yes")
    program.press("no", "enter")
    assert program.end() == 1
    assert _has_codes(folder)


def test_admin_reset_creates_no_service(tmp_path: Path) -> None:
    result = run_command("admin", "reset", EMAIL, "--data-dir", str(tmp_path / "mfa"), "--yes")
    assert result.code == 2
    assert "No service keeps its data here" in result.err
    assert not (tmp_path / "mfa").exists()


def test_admin_reset_works_on_postgresql(tmp_path: Path, database_url: Secret) -> None:
    location = Location(tmp_path / "mfa", database_url)
    service = Service.open(location)
    service.seed([EMAIL], with_totp=False)
    service.close()
    arguments = ("admin", "reset", EMAIL, "--data-dir", str(location.folder), "--yes")
    assert run_command(*arguments, MFA_TUI_DATABASE_URL=database_url.reveal()).code == 0
    assert not _has_codes(location)
