import os
import sys
from pathlib import Path

import pytest

from mfa_tui.server.errors import FolderNotPrivateError
from mfa_tui.server.service import Service

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders are private by default")

NAMES = ("", "outbox", "mfa.sqlite3", "keys.json")


def _refused(folder: Path) -> str:
    before = {path: path.lstat() for path in folder.rglob("*")}
    with pytest.raises(FolderNotPrivateError) as raised:
        Service.open(folder)
    assert {path: path.lstat().st_mtime_ns for path in folder.rglob("*")} == {
        path: status.st_mtime_ns for path, status in before.items()
    }
    return str(raised.value)


@pytest.fixture
def closed(folder: Path) -> Path:
    """A data folder of a service that has run."""
    Service.open(folder).close()
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_data_folder_open_to_other_users_is_refused(closed: Path, name: str) -> None:
    path = closed / name
    path.chmod(path.stat().st_mode | 0o020)
    assert f"Run: chmod go= {path}".lower() in _refused(closed).lower()
    path.chmod(path.stat().st_mode & ~0o077)
    Service.open(closed).close()


@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_place_of_a_data_folder_is_refused(closed: Path, tmp_path: Path, name: str) -> None:
    path = closed / name
    path.rename(tmp_path / "target")
    path.symlink_to(tmp_path / "target")
    assert "is a link" in _refused(closed)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", NAMES)
def test_a_data_folder_planted_by_another_user_is_refused(closed: Path, name: str) -> None:
    os.chown(closed / name, 65534, -1)
    assert "sudo chown" in _refused(closed)
