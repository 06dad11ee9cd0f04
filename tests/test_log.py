"""The log cannot contain text."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

from mfa_tui import log
from mfa_tui.errors import UsageError
from mfa_tui.log import Event, RequestId
from mfa_tui.redaction import Secret

REQUEST = "aB3" * 16 + "xy"


class Colour(Enum):
    RED = "ABCDEFGHJK"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "log"
    log.open_log(path)
    yield path
    log.close_log()


def test_entry_has_numbers_names_and_request_ids(file: Path) -> None:
    log.note(Event.CALL, RequestId(REQUEST), ok=True, count=3, seconds=0.12345, kind=ValueError, what=Colour.RED)
    line = file.read_text()
    assert line.endswith(f"call ok=True count=3 seconds=0.123 kind=ValueError what=RED request={REQUEST}\n")


@pytest.mark.parametrize("value", ["ABCDEFGHJK", b"ABCDEFGHJK", Secret("ABCDEFGHJK"), ["ABCDEFGHJK"], ValueError("x")])
def test_note_refuses_facts_that_could_contain_text(file: Path, value: object) -> None:
    with pytest.raises(TypeError):
        log.note(Event.ERROR, value=value)  # type: ignore[arg-type]  # which is the point
    assert "ABCDEFGHJK" not in file.read_text()


def test_note_goes_on_if_the_disk_is_full(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int, _text: bytes) -> int:
        raise OSError(28, "")

    monkeypatch.setattr(os, "write", full)
    log.note(Event.START)
    assert file.read_text() == ""


def test_full_disk_is_named_as_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(UsageError, match="disk is full"):
        log.open_log(tmp_path / "log")


@pytest.mark.parametrize("text", ["ABCDEFGHJK", REQUEST[:-1], f"{REQUEST}\n", f"{REQUEST[:-1]}-"])
def test_request_id_refuses_other_text(text: str) -> None:
    with pytest.raises(ValueError, match="not a request id"):
        RequestId(text)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_existing_log_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    path.chmod(0o644)
    log.open_log(path)
    log.note(Event.START)
    log.close_log()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = path.read_text().splitlines()
    assert first == "before"
    assert second.endswith(f"{os.getpid()} start")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")
def test_open_log_refuses_links_and_other_than_files(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    for path in (link, Path(os.devnull), tmp_path, tmp_path / "missing" / "log"):
        with pytest.raises(UsageError, match="cannot be written there"):
            log.open_log(path)


def test_note_writes_nothing_without_a_log() -> None:
    log.note(Event.START)
