"""Private files: only their owner can read them, and they are written in full or not at all."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mfa_tui.atomic_file import StagedFile
from mfa_tui.storage import private_file
from mfa_tui.storage.errors import ExposedFileError, StorageError

MODES = [(0o600, True, True), (0o400, True, True), (0o644, False, True), (0o660, False, False), (0o602, False, False)]
"""Modes of a file, and whether it is read as a private file and as a configuration."""


def test_file_is_private_under_any_umask(tmp_path: Path) -> None:
    path = tmp_path / "made" / "for it" / "file"
    before = os.umask(0)
    try:
        private_file.write(path, b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert private_file.read(path, 10) == b"x"


def test_write_replaces_a_link_and_not_its_target(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "file").symlink_to(tmp_path / "precious")
    private_file.write(tmp_path / "file", b"x")
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (tmp_path / "file").read_bytes() == b"x"


def test_failed_write_leaves_only_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int) -> None:
        raise OSError(28, "")

    path = tmp_path / "folder" / "file"
    private_file.write(path, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        private_file.write(path, b"new")
    assert [(path.name, path.read_bytes()) for path in path.parent.iterdir()] == [("file", b"old")]


def test_write_syncs_the_folder_after_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[tuple[bool, list[str]]] = []
    fsync = os.fsync

    def note(number: int) -> None:
        forced.append((stat.S_ISDIR(os.fstat(number).st_mode), [path.name for path in tmp_path.glob("file")]))
        fsync(number)

    monkeypatch.setattr(os, "fsync", note)
    private_file.write(tmp_path / "file", b"x")
    assert forced == [(False, []), (True, ["file"])]


def test_write_raises_if_the_folder_cannot_be_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def fail(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EIO, "")
        fsync(number)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="could not be written"):
        private_file.write(tmp_path / "file", b"x")


def test_write_removes_stale_temporary_files_only(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    StagedFile(folder / "file", b"half")
    (left,) = folder.iterdir()
    os.utime(left, (0, 0))
    StagedFile(folder / "other", b"being written")
    private_file.write(folder / "file", b"x")
    assert {path.name[:7] for path in folder.iterdir()} == {"file", ".other."}


def test_read_returns_at_most_max_bytes(tmp_path: Path) -> None:
    private_file.write(tmp_path / "file", b"x" * 100)
    assert private_file.read(tmp_path / "file", 10) == b"x" * 10


def test_missing_file_reads_as_none_and_counts_as_removed(tmp_path: Path) -> None:
    assert private_file.read(tmp_path / "file", 10) is None
    private_file.remove(tmp_path / "file")


def test_remove_raises_if_the_file_cannot_be_removed(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be removed"):
        private_file.remove(tmp_path)


def test_missing_file_is_no_error(tmp_path: Path) -> None:
    assert private_file.read(tmp_path / "file", 10) is None
    assert private_file.read_configuration(tmp_path / "file", 10) is None


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
@pytest.mark.parametrize(("mode", "is_private", "is_configuration"), MODES)
def test_file_that_others_may_use_is_refused(
    tmp_path: Path, mode: int, is_private: bool, is_configuration: bool
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(mode)
    for read, is_accepted in [(private_file.read, is_private), (private_file.read_configuration, is_configuration)]:
        if is_accepted:
            assert read(path, 10) == b"x"
        else:
            with pytest.raises(ExposedFileError, match="others"):
                read(path, 10)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
@pytest.mark.parametrize("read", [private_file.read, private_file.read_configuration])
def test_file_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path, int], bytes | None]
) -> None:
    path = tmp_path / "file"
    private_file.write(path, b"x")
    if os.geteuid() == 0:
        os.chown(path, 1234, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 1234)
    with pytest.raises(ExposedFileError, match="another user"):
        read(path, 10)


@pytest.mark.skipif(os.name != "posix", reason="POSIX files")
@pytest.mark.parametrize("read", [private_file.read, private_file.read_configuration])
def test_pipe_or_folder_is_refused_without_waiting(tmp_path: Path, read: Callable[[Path, int], bytes | None]) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("pipe", "folder"):
        with pytest.raises(StorageError):
            read(tmp_path / name, 10)


@pytest.mark.skipif(os.name != "posix", reason="POSIX files")
def test_link_is_followed_for_a_configuration_only(tmp_path: Path) -> None:
    private_file.write(tmp_path / "file", b"x")
    (tmp_path / "link").symlink_to("file")
    assert private_file.read_configuration(tmp_path / "link", 10) == b"x"
    with pytest.raises(StorageError, match="it is a link"):
        private_file.read(tmp_path / "link", 10)
