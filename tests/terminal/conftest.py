import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import confirm_codes
from tests.support.program import Program
from tests.support.terminals import SSHD, Sshd, Tmux, require

Start = Callable[..., Program]

Run = Callable[..., Program]

collect_ignore_glob = ["*"] if sys.platform == "win32" else []


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs a command on a terminal, and kills it at the end of the test."""
    programs: list[Program] = []

    def begin(*command: str, size: tuple[int, int] = (80, 24), **environment: str) -> Program:
        program = Program(command, size, {"LANG": "C.UTF-8"} | environment)
        programs.append(program)
        return program

    yield begin
    for program in programs:
        program.close()


@pytest.fixture
def saved(home: Path) -> list[str]:  # noqa: ARG001 - the service runs in it
    """The confirmed codes of an account that is signed out: its next sign-in is challenged."""
    return confirm_codes()


@pytest.fixture
def start(run: Run, mfa_tui: str) -> Start:
    """Starts the program on a terminal."""

    def begin(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Program:
        return run(mfa_tui, *arguments, size=size, **environment)

    return begin


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """An SSH server on loopback."""
    require("ssh", "ssh-keygen", SSHD)
    server = Sshd(tmp_path_factory.mktemp("sshd"))
    yield server
    server.close()


@pytest.fixture
def tmux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    """A tmux server."""
    require("tmux")
    # A socket's path has to be short.
    server = Tmux(Path(tmp_path_factory.mktemp("t")))
    yield server
    server.close()


@pytest.fixture
def remote(home: Path, mfa_tui: str) -> str:
    """The program as a shell command for the remote host, which inherits no variables from the test."""
    return f"env HOME={home} LANG=C.UTF-8 {mfa_tui}"
