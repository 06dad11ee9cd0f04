import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from mfa_tui import connection
from mfa_tui.account.typed_code import parse_code
from mfa_tui.storage.paths import AppPaths
from tests.support.command import run_command
from tests.support.program import Program
from tests.support.server import Served, served
from tests.support.timing import FAST

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a set back without delays after a lost response."""
    monkeypatch.setattr(connection, "open_account", partial(connection.open_account, timing=FAST))


def read_codes() -> list[str]:
    """Read the codes of the home's built-in service, in the session that is stored."""

    async def read() -> list[str]:
        async with connection.open_account(AppPaths.of_current_user()) as account:
            await account.resume_session()
            if account.state.session is None:
                await account.sign_in_automatically()
            await account.read_codes()
            assert account.state.codes is not None
            return [code.reveal() for code in account.state.codes.recovery_codes]

    return asyncio.run(read())


@pytest.fixture
def codes(home: Path) -> list[str]:  # noqa: ARG001 - the service runs in it
    """The first codes of an account that is signed in; they are shown, and not confirmed."""
    return run_command("codes").codes


@pytest.fixture
def saved(codes: list[str]) -> list[str]:
    """The confirmed codes of an account that is signed out: its next sign-in is challenged."""

    async def save() -> None:
        async with connection.open_account(AppPaths.of_current_user()) as account:
            await account.resume_session()
            await account.acknowledge_recovery_codes()
            await account.sign_out()

    asyncio.run(save())
    return codes


def use_up(codes: list[str]) -> None:
    """Use these codes, and sign out."""

    async def use() -> None:
        async with connection.open_account(AppPaths.of_current_user()) as account:
            for code in codes:
                await account.sign_in_automatically()
                await account.authenticate(parse_code(code))
                await account.sign_out()

    asyncio.run(use())


@pytest.fixture
def on_terminal(mfa_tui: str) -> Iterator[Callable[..., Program]]:
    """Runs the command on a terminal, and kills it after the test if it still runs."""
    programs: list[Program] = []

    def run(*arguments: str, **environment: str) -> Program:
        programs.append(Program([mfa_tui, *arguments], (200, 50), environment))
        return programs[-1]

    yield run
    for program in programs:
        program.close()


@pytest.fixture(scope="session")
def served_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hosted environment for all tests of a process: each signs in as another user."""
    with served(tmp_path_factory.mktemp("served")) as environment:
        yield environment


@pytest.fixture
def hosted(served_environment: Served) -> Served:
    """A hosted environment: its mail goes to an outbox that the program cannot read."""
    for mail in served_environment.outbox.glob("*"):
        mail.unlink()
    return served_environment


@pytest.fixture
def email(tmp_path: Path) -> str:
    """The address of a user that no other test has."""
    return f"{tmp_path.name}@example.org"
