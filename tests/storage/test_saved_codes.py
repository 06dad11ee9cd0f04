"""The file with saved codes: it never replaces a file, is removed if it is not complete, and is recognized later."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.saved_codes import Sheet

CODES = [Secret(f"ABCDEFGHJ{symbol}") for symbol in "23456789KM"]
LINES = [code.reveal() for code in CODES]
SHEET = Sheet((("account", "a@b.test"), ("saved", "2026-01-01 10:00 UTC")), tuple(enumerate(CODES, start=1))).as_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


def test_write_makes_a_private_file_with_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    before = os.umask(0)
    try:
        saved_codes.write(path, SHEET.encode())
    finally:
        os.umask(before)
    assert path.read_text() == SHEET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("try_it", [lambda path: saved_codes.write(path, SHEET.encode()), saved_codes.require_writable])
class TestNever:
    """Both writing and trying out."""

    def test_over_a_file_that_is_there(self, tmp_path: Path, try_it: Callable[[Path], None]) -> None:
        path = tmp_path / "codes.txt"
        path.write_text("precious")
        with pytest.raises(StorageError, match="it exists already"):
            try_it(path)
        assert path.read_text() == "precious"

    @pytest.mark.parametrize("target", ["there.txt", "nowhere.txt"])
    def test_through_a_link(self, tmp_path: Path, try_it: Callable[[Path], None], target: str) -> None:
        (tmp_path / "there.txt").write_text("precious")
        path = tmp_path / "codes.txt"
        path.symlink_to(tmp_path / target)
        with pytest.raises(StorageError, match="it exists already"):
            try_it(path)
        assert (tmp_path / "there.txt").read_text() == "precious"
        assert not (tmp_path / "nowhere.txt").exists()

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("missing/codes.txt", "could not be written"),
            ("file/codes.txt", "a file stands where a folder should be"),
            ("folder", "is a folder"),
            ("x" * 300, "the system refused"),
        ],
    )
    def test_to_a_path_that_no_file_can_have(
        self, tmp_path: Path, try_it: Callable[[Path], None], name: str, said: str
    ) -> None:
        (tmp_path / "file").write_text("")
        (tmp_path / "folder").mkdir()
        with pytest.raises(StorageError, match=said):
            try_it(tmp_path / name)


def test_require_writable_leaves_no_file(folder: Path) -> None:
    saved_codes.require_writable(folder / "codes.txt")
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_write_names_missing_permission_on_the_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="permission denied"):
        saved_codes.write(tmp_path / "codes.txt", SHEET.encode())


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of one page, which a file fills."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k,mode=700", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("mounts nothing here")
    if done.returncode:
        pytest.skip("mounts nothing here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_write_leaves_no_file_on_a_full_disk(tiny: Path) -> None:
    with pytest.raises(StorageError, match="the disk is full"):
        saved_codes.write(tiny / "codes.txt", SHEET.encode() * 20)
    assert list(tiny.iterdir()) == []


def test_write_leaves_no_file_if_a_signal_ends_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        saved_codes.write(folder / "codes.txt", SHEET.encode())
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["-rf", "a b", "a  b", " a ", "né.txt", "\x1b]0;x\x07", "a\u202eb", "$HOME", "a'b\"c", "%s"]
)
def test_unusual_name_is_used_unchanged(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(folder)
    saved_codes.write(saved_codes.parse_path(name), SHEET.encode())
    assert [path.name for path in folder.iterdir()] == [name]


def test_error_does_not_print_escapes_in_a_name(tmp_path: Path) -> None:
    path = saved_codes.parse_path(f"{tmp_path}/\x1b]0;x\x07codes\u202e.txt\n")
    assert path.name == "\x1b]0;x\x07codes\u202e.txt"
    path.write_text("")
    with pytest.raises(StorageError) as caught:
        saved_codes.write(path, SHEET.encode())
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("typed", ["", ".", "/", "~nobody-of-this-name/x", "a\0b", "\ud800"])
def test_invalid_name_is_refused(typed: str) -> None:
    with pytest.raises(StorageError):
        saved_codes.write(saved_codes.parse_path(typed), SHEET.encode())
    with pytest.raises(StorageError):
        saved_codes.require_writable(saved_codes.parse_path(typed))


def test_error_says_that_the_name_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"is a folder\..*Type a file's name\."):
        saved_codes.write(tmp_path, SHEET.encode())
    with pytest.raises(StorageError, match=r"No file is named\."):
        saved_codes.require_writable(saved_codes.parse_path(""))


def test_tilde_stands_for_the_home_folder(home: Path) -> None:
    assert saved_codes.parse_path("~/x") == home / "x"


def test_unused_path_does_not_exist(tmp_path: Path) -> None:
    first = saved_codes.unused_path(tmp_path)
    first.write_text("")
    second = saved_codes.unused_path(tmp_path)
    assert second != first
    assert not second.exists()


FORMS = {
    "our sheet": SHEET,
    "one a line": "\n".join(LINES),
    "numbered": "\n".join(f"{number}. {line}" for number, line in enumerate(LINES, start=1)),
    "numbered closely": "\n".join(f"{number}){line}" for number, line in enumerate(LINES, start=1)),
    "bullets": "\n".join(f"  • {line}" for line in LINES),
    "dashed": "\n".join(f"{line[:5]}-{line[5:]}" for line in LINES),
    "lower case": "\n".join(LINES).lower(),
    "windows": "\ufeff" + "\r\n".join(LINES),
    "json": '{"count": 10, "recoveryCodes": ["' + '", "'.join(LINES) + '"]}',
    "two a line": "\n".join(f"{LINES[i]}   {LINES[i + 1]}" for i in range(0, 10, 2)),
    "in prose": "My codes: " + ", ".join(LINES) + ". Each works once.",
}


def counted(text: str, live: Sequence[Secret]) -> tuple[int, int]:
    found = saved_codes.count_codes(text, live)
    return found.live, found.others


@pytest.mark.parametrize("form", FORMS)
def test_codes_are_found_in_any_form(form: str) -> None:
    assert counted(FORMS[form], CODES) == (10, 0)


@pytest.mark.parametrize("form", FORMS)
def test_codes_of_another_set_count_as_others(form: str) -> None:
    assert counted(FORMS[form], [Secret("ZZZZZZZZZZ")]) == (0, 10)


def test_used_codes_count_as_others() -> None:
    assert counted(SHEET, CODES[:7]) == (7, 3)


@pytest.mark.parametrize(
    "text", ["", "no codes here", "at 1764000000 s", "\x00" * 100, "Each code works once.", "a@b.test"]
)
def test_text_without_codes_has_none(text: str) -> None:
    assert counted(text, CODES) == (0, 0)


def test_lines_with_other_codes_are_named() -> None:
    text = "\n".join(["a title", *(code.reveal() for code in CODES), "12  ZZZZZ ZZZZZ"])
    assert saved_codes.count_codes(text, [*CODES[:2], *CODES[3:]]).lines_with_others == (4, 12)
