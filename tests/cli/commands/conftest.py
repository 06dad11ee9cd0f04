import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mfa_tui import connect
from mfa_tui.account import challenge, recovery, session
from mfa_tui.storage.paths import AppPaths
from tests.support.program import Program
from tests.support.server import Served, served

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"\b[A-Z2-9]{10}\b")

FAULTY_COMMAND = """\
import sys
from mfa_tui.cli.main import main
from mfa_tui.client import transport
from tests.support.transport import *

network = FaultyTransport()
transport.in_process = network.to
{faults}
sys.exit(main(sys.argv[1:]))
"""
"""The command, with the line to the embedded service bent."""

DOUBT = "network.faults[ROTATE] = after(lambda: network.faults.update({READ: lost_before}), lost_after)"
"""A rotation happens, its answer is lost, and the set cannot be read back."""


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

    def with_faults(self, faults: str, *arguments: str) -> Answer:
        return self._run(
            [sys.executable, "-c", FAULTY_COMMAND.format(faults=faults), *arguments], "", {"PYTHONPATH": str(ROOT)}
        )

    def _run(self, command: list[str], stdin: str, environment: dict[str, str]) -> Answer:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, env=os.environ | environment, timeout=60
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def shell(mfa_tui: str) -> Shell:
    return Shell(mfa_tui)


def codes_now() -> list[str]:
    """Read the codes of the home's embedded service in this process, in the session that is kept."""

    async def read() -> list[str]:
        async with connect.open_account(AppPaths.of_current_user()) as account:
            await session.resume(account)
            if account.state.session is None:
                await session.sign_in_unattended(account)
            await recovery.read(account)
            assert account.state.codes is not None
            return [code.reveal() for code in account.state.codes.recovery_codes]

    return asyncio.run(read())


@pytest.fixture
def codes(home: Path) -> list[str]:  # noqa: ARG001 - where they are
    """The first codes of an account that is signed in; they are not said to be saved."""
    return codes_now()


@pytest.fixture
def saved(codes: list[str]) -> list[str]:
    """The codes of an account that is challenged at its next sign-in, which is due now."""

    async def save() -> None:
        async with connect.open_account(AppPaths.of_current_user()) as account:
            await session.resume(account)
            await recovery.acknowledge(account)
            await session.sign_out(account)

    asyncio.run(save())
    return codes


def use_up(codes: list[str]) -> None:
    """Spend these codes, in this process, and leave nobody signed in."""

    async def use() -> None:
        async with connect.open_account(AppPaths.of_current_user()) as account:
            for code in codes:
                await session.sign_in_unattended(account)
                await challenge.use(account, challenge.read_typed(code))
                await session.sign_out(account)

    asyncio.run(use())


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


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Served]:
    """An environment whose mail only a person can read."""
    with served(tmp_path / "served") as environment:
        yield environment
