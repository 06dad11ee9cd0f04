import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.command import CODE, run_command
from tests.support.program import Program


def test_codes_prints_json_in_the_shape_of_the_api() -> None:
    as_lines = run_command("codes")
    assert as_lines.out.splitlines() == as_lines.codes
    assert json.loads(run_command("codes", "--json").out) == {"count": 10, "recoveryCodes": as_lines.codes}


def test_codes_warns_about_scrollback_on_a_terminal(on_terminal: Callable[..., Program]) -> None:
    program = on_terminal("codes")
    assert program.end() == 0
    assert len(CODE.findall(program.text)) == 10
    assert program.text.count("scrollback") == 1
    assert b"\x1b" not in program.sent


def test_codes_does_not_warn_in_a_pipe() -> None:
    assert run_command("codes").err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_codes_fails_if_stdout_cannot_be_written(mfa_tui: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run([mfa_tui, "codes"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "could not be written to standard output" in done.stderr
    assert "Traceback" not in done.stderr
