from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.line_mode import LineModeSession
from tests.support.program import Program
from tests.support.server import Served, served

StartLineMode = Callable[..., LineModeSession]


@pytest.fixture
def start_line_mode(mfa_tui: str) -> Iterator[StartLineMode]:
    """Starts the line mode on a terminal, and ends it after the test."""
    programs: list[Program] = []

    def start(*arguments: str, plain: str = "--plain", columns: int = 200, **environment: str) -> LineModeSession:
        programs.append(Program([mfa_tui, *plain.split(), *arguments], (columns, 24), environment))
        return LineModeSession(programs[-1])

    yield start
    for program in programs:
        program.close()


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Served]:
    """An environment with e-mail that the program cannot read."""
    with served(tmp_path / "served") as environment:
        yield environment
