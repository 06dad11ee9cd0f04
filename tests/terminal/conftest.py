from collections.abc import Callable, Iterator

import pytest

from tests.terminal.program import Program

Start = Callable[..., Program]


@pytest.fixture
def start(mfa_tui: str) -> Iterator[Start]:
    """Starts the program on a terminal, and sees to it that it does not outlive the test."""
    programs: list[Program] = []

    def run(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Program:
        program = Program([mfa_tui, *arguments], size, environment)
        programs.append(program)
        return program

    yield run
    for program in programs:
        program.close()
