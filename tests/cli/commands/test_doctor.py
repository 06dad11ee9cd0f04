import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from mfa_tui.terminal import security_keys
from tests.support.command import run_command
from tests.support.program import Program
from tests.support.server import Served


def findings(said: str) -> dict[str, dict[str, Any]]:
    return {finding["name"]: finding for finding in json.loads(said)["findings"]}


def test_doctor_runs_every_check_and_signs_no_user_in() -> None:
    result = run_command("doctor", "--json")
    found = findings(result.out)
    assert result.code == 0
    assert {"terminal", "letters", "colours", "size", "clipboard", "printer", "security key"} <= set(found)
    assert {"configuration", "service", "clock", "session"} <= set(found)
    assert found["session"]["found"] == "none"
    assert "embedded, built in" in found["configuration"]["found"]
    assert "ssh -t" in found["terminal"]["fix"], "there is no terminal here"
    assert not (Path.home() / ".local" / "state" / "mfa-tui").exists()


@pytest.mark.usefixtures("codes")
def test_doctor_reports_age_and_end_of_the_session() -> None:
    found = findings(run_command("doctor", "--json").out)
    assert "you@embedded.localhost, " in found["session"]["found"]
    assert "old, ends in 30 days" in found["session"]["found"]


@pytest.mark.parametrize(
    ("variables", "name", "said"),
    [
        ({"TERM": "dumb"}, "clipboard", "Save codes to a file"),
        ({"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/1"}, "clipboard", "takes OSC 52"),
        ({"LC_ALL": "C"}, "letters", "UTF-8 locale"),
        ({"COLUMNS": "30", "LINES": "10"}, "size", "40 by 12"),
    ],
)
def test_doctor_suggests_a_fix_for_a_problem(variables: dict[str, str], name: str, said: str) -> None:
    assert said in findings(run_command("doctor", "--json", **variables).out)[name]["fix"]


def test_doctor_ends_with_6_if_the_service_is_not_reached() -> None:
    environment = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
    result = run_command("doctor", "--json", "--api-url", "http://127.0.0.1:9/api/v0", "--environment-id", environment)
    found = findings(result.out)
    assert result.code == 6
    assert "Check the connection" in found["service"]["fix"]
    assert "terminal" in found


def test_doctor_reports_an_invalid_configuration() -> None:
    file = Path.home() / ".config" / "mfa-tui" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("profile = 3")
    result = run_command("doctor", "--json")
    assert result.code == 2
    assert findings(result.out)["configuration"]["fix"]


def test_doctor_compares_the_clock_with_the_service(hosted: Served) -> None:
    found = findings(run_command("doctor", "--json", *hosted.flags).out)
    assert found["clock"]["fix"] is None
    assert "mfa-tui login" in found["session"]["fix"]


@pytest.mark.skipif(which("tmux") is None, reason="needs tmux")
def test_doctor_checks_tmux_options(mfa_tui: str, tmp_path: Path) -> None:
    socket, out = tmp_path / "tmux", tmp_path / "out"
    command = f"{mfa_tui} doctor --json > {out}.part; mv {out}.part {out}"
    client = Program(["tmux", "-S", str(socket), "-f", "/dev/null", "new-session", command])
    try:
        client.wait_until(out.exists, "the findings")
        found = findings(out.read_text())
    finally:
        client.close()
        subprocess.run(["tmux", "-S", str(socket), "kill-server"], check=False, capture_output=True)
    assert "tmux set -g focus-events on" in found["tmux focus-events"]["fix"]
    assert found["tmux clipboard"]["fix"] is None


def test_doctor_explains_a_security_key_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_keys, "find_closed_keys", lambda: [Path("/dev/hidraw3")])
    found = findings(run_command("doctor", "--json").out)["security key"]
    assert found["found"] == "/dev/hidraw3 may not be opened by this user"
    assert security_keys.UDEV_RULE in found["fix"]


def test_doctor_looks_for_no_security_key_over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_keys, "find_keys", pytest.fail)
    result = run_command("doctor", "--json", SSH_CONNECTION="192.0.2.1 50000 192.0.2.2 22")
    assert "not looked for over SSH" in findings(result.out)["security key"]["found"]
