import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terminal.program import Program

ROOT = Path(__file__).parent.parent.parent
CODE = re.compile(r"\b[A-Z2-9]{10}\b")

BENT = """\
import sys
from mfa_tui.cli import main
from mfa_tui.dynamic import transport
from tests.account import line as lines
from tests.account.line import *

line = Line()
transport.in_process = line.to
{bends}
sys.exit(main(sys.argv[1:]))
"""
"""The command, with the line to the embedded service bent."""


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes on stdout."""
        return CODE.findall(self.out)


@dataclass(frozen=True)
class Shell:
    """Runs the command as a script would: no terminal anywhere, in the test's own home."""

    command: str

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Answer:
        return self._run([self.command, *arguments], stdin, environment)

    def bent(self, bends: str, *arguments: str) -> Answer:
        return self._run([sys.executable, "-c", BENT.format(bends=bends), *arguments], "", {"PYTHONPATH": str(ROOT)})

    def _run(self, command: list[str], stdin: str, environment: dict[str, str]) -> Answer:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, env=os.environ | environment, timeout=60
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def shell(mfa_tui: str) -> Shell:
    return Shell(mfa_tui)


@pytest.fixture
def saved(shell: Shell) -> list[str]:
    """The codes of an account that is challenged at its next sign-in, which is due now."""
    codes = shell("codes").codes
    assert len(codes) == 10
    assert shell("acknowledge").code == 0
    assert shell("logout").code == 0
    return codes


@pytest.fixture
def on_terminal(mfa_tui: str) -> Iterator[Callable[..., Program]]:
    """Runs the command on a terminal."""
    programs: list[Program] = []

    def run(*arguments: str, **environment: str) -> Program:
        programs.append(Program([mfa_tui, *arguments], (200, 50), environment))
        return programs[-1]

    yield run
    for program in programs:
        program.close()
