"""The README's commands run, or at least parse."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from mfa_tui.cli import parser
from tests.support.command import unmeasured

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = [
    re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^    .*\n)+", README, re.MULTILINE)
]
COMMANDS = sorted(set(re.findall(r"^(?:    |\(umask 077; )?(mfa-tui(?: [^\n`#|>;)]*)?)", README, re.MULTILINE)))


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_readme_parses(command: str) -> None:
    parser.parse(shlex.split(command.strip().removesuffix("&").removesuffix("\\"))[1:])


def test_round_without_the_screens_runs(mfa_tui: str, tmp_path: Path) -> None:
    (block,) = (block for block in BLOCKS if "| mfa-tui use" in block)
    path = f"{Path(mfa_tui).parent}:{os.environ['PATH']}"
    environment = unmeasured() | {"HOME": str(tmp_path), "PATH": path}
    done = subprocess.run(
        ["bash", "-e", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Challenge passed: 9 of 10 left" in done.stdout + done.stderr
    assert (tmp_path / "codes.txt").stat().st_mode & 0o077 == 0
