from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.line_mode import Conversation
from tests.support.program import Program
from tests.support.server import Served, served

Talk = Callable[..., Conversation]


@pytest.fixture
def talk(mfa_tui: str) -> Iterator[Talk]:
    """Starts the line mode on a terminal, and sees to it that it does not outlive the test."""
    programs: list[Program] = []

    def start(*arguments: str, plain: str = "--plain", columns: int = 200, **environment: str) -> Conversation:
        programs.append(Program([mfa_tui, *plain.split(), *arguments], (columns, 24), environment))
        return Conversation(programs[-1])

    yield start
    for program in programs:
        program.close()


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Served]:
    """An environment whose mail only a person can read."""
    with served(tmp_path / "served") as environment:
        yield environment
