"""No secret leaks: not in a crash report, a process list or a file."""

import re
import stat
import sys
from pathlib import Path

import pytest

from tests.support.crashing import SENTINEL, SITES, UNNOTICED
from tests.terminal.conftest import Run, Start
from tests.terminal.test_ssh import CODE, codes_on

KEYS = {"key": ["h"], "saving, in a thread": ["s", "enter"]}


@pytest.mark.parametrize("site", SITES)
def test_crash_report_names_kind_and_place_but_no_value(run: Run, site: str) -> None:
    program = run(sys.executable, "-m", "tests.support.crashing", site)
    for key in KEYS.get(site, []):
        program.wait_for("Save the codes" if key == "enter" else "Not confirmed yet")
        program.press(key)
    assert program.end() == 70
    assert SENTINEL.encode() not in program.sent
    said = " ".join(program.text.split())
    assert re.search(
        r"an internal error \(RuntimeError at (\S+:\d+|a place outside mfa_tui)\)\..* ?give reference [0-9a-f]{8}\.",
        said,
    ), said
    assert not re.search("[A-Z2-9]{5} [A-Z2-9]{5}", program.text)


@pytest.mark.parametrize("site", UNNOTICED)
def test_background_crash_leaves_no_value(run: Run, site: str) -> None:
    program = run(sys.executable, "-m", "tests.support.crashing", site)
    program.wait_for("q Quit")
    assert program.quit() == 0
    assert SENTINEL.encode() not in program.sent


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_no_code_is_in_process_list_environment_or_core(start: Start) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    codes = codes_on(program)
    process = Path(f"/proc/{program.child.pid}")
    seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert not any(code.encode() in seen for code in codes)
    limits = (process / "limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)


def test_no_file_holds_a_code_or_is_open_to_others(start: Start, home: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    log = tmp_path / "log"
    program = start("--log", str(log), TMPDIR=str(temporary), TEXTUAL_LOG=str(temporary / "textual"), TEXTUAL="debug")
    program.wait_for("Not confirmed yet")
    codes = codes_on(program)
    program.press("R")
    program.wait_for("Replace all recovery codes?")
    program.press("right", "enter")
    program.wait_until(lambda: codes[0][:5] not in program.text and len(CODE.findall(program.text)) == 10, "new codes")
    codes += codes_on(program)
    assert program.quit() == 0
    assert list(temporary.iterdir()) == []
    files = [path for path in [log, *home.rglob("*")] if path.is_file()]
    assert len(files) > 3
    for path in files:
        content = path.read_bytes()
        assert not any(code.encode() in content for code in codes), path
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_log_records_events_without_values(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = start("--log", str(log), SSH_TTY="/dev/pts/0")
    program.wait_for("Not confirmed yet")
    program.press("c")
    program.wait_for("Sent code 1")
    program.quit()
    events = [line.split()[2] for line in log.read_text().splitlines()]
    assert events[0] == "start"
    assert events[-1] == "end"
    assert "copy" in events
    assert "call" in events
    assert "@" not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
