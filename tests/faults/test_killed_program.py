"""The program on a terminal is killed during a rotation; after a restart its screen is correct."""

import asyncio
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mfa_tui import connection
from mfa_tui.server.service import Service
from mfa_tui.storage.config import Config
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile
from mfa_tui.storage.sessions import SessionFile
from tests.faults.faulty_server import STRAIGHT, Fault, FaultyServer, Kind
from tests.faults.rotation_cuts import codes_in
from tests.support.program import TIMEOUT, Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

PROFILE = "work"
ROTATE = "POST /users/mfa/recovery"


class Stage:
    """A user who is signed in at a service behind a faulty server, and the program."""

    def __init__(self, server: FaultyServer, loop: asyncio.AbstractEventLoop, data: Path, command: str) -> None:
        self.server = server
        self._loop = loop
        self._data = data
        self._command = command

    def start(self) -> Program:
        return Program([self._command, "--profile", PROFILE])

    def begin_to_rotate(self, program: Program, fault: Fault) -> None:
        """Confirm the rotation, and wait until the request arrives at the server."""
        self.wait_for_codes(program)
        program.press("R")
        program.wait_for("Replace all recovery codes?")
        self.server.script.extend([STRAIGHT, fault])  # the set is read first
        program.press("right", "enter")
        program.wait_until(lambda: ROTATE in self.server.arrived, "the request")

    def open_the_gate(self) -> None:
        """Let the service act on the held request, and wait until it has acted."""
        self._loop.call_soon_threadsafe(self.server.gate.set)
        asyncio.run_coroutine_threadsafe(self.server.idle(), self._loop).result(TIMEOUT)

    def codes(self) -> set[str]:
        """Return the codes in the database."""
        return {f"{code[:5]} {code[5:]}" for code in codes_in(self._data)}

    def wait_for_codes(self, program: Program) -> None:
        """Wait until the screen shows the codes in the database."""
        program.wait_until(lambda: shown(program) == self.codes(), "the codes as the database has them")


def shown(program: Program) -> set[str]:
    return set(re.findall(r"\b[A-Z2-9]{5} [A-Z2-9]{5}\b", program.text))


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[FaultyServer, asyncio.AbstractEventLoop, str]]:
    """Run a faulty server in its own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with closing(Service.open(folder)) as service:
        server = FaultyServer(service.app)
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(TIMEOUT)
        try:
            yield server, loop, service.environment_id
        finally:
            asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(TIMEOUT)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


@pytest.fixture
def stage(tmp_path: Path, home: Path, mfa_tui: str) -> Iterator[Stage]:  # noqa: ARG001 - the home must be the test's
    data = tmp_path / "elsewhere"
    with _serving(data) as (server, loop, environment_id):
        profile = Profile(PROFILE, environment_id, connection.BUILT_IN_EMAIL, server.url, known=True)
        asyncio.run(_sign_in(profile, data))
        yield Stage(server, loop, data, mfa_tui)


async def _sign_in(profile: Profile, data: Path) -> None:
    places = AppPaths.of_current_user()
    Config(places.config / "config.toml").save(profile)
    async with connection.open_account(places, profile) as account:
        account._mailbox = connection.OutboxMailbox(data / "outbox")
        account._sessions = SessionFile(places.state / profile.name / "session.json")  # not the keyring of this process
        await account.sign_in_automatically()
        await account.read_codes()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_killed_program_reports_the_rotation_at_next_start(stage: Stage, number: signal.Signals) -> None:
    old = stage.codes()
    program = stage.start()
    stage.begin_to_rotate(program, Fault(held=True))
    program.kill(number)
    assert program.end() == 128 + number
    stage.open_the_gate()
    assert not stage.codes() & old
    again = stage.start()
    again.wait_for("The codes were replaced: these are the new ones")
    stage.wait_for_codes(again)
    again.close()
    assert stage.server.reached.count(ROTATE) == 1


def test_late_rotation_is_reported_at_the_following_start(stage: Stage) -> None:
    old = stage.codes()
    program = stage.start()
    stage.begin_to_rotate(program, Fault(held=True))
    program.kill(signal.SIGKILL)
    program.end()
    between = stage.start()
    between.wait_for("Nothing was replaced so far: your old codes are valid")
    between.wait_until(lambda: shown(between) == old, "the old codes")
    assert stage.codes() == old
    between.kill(signal.SIGKILL)
    between.end()
    stage.open_the_gate()
    again = stage.start()
    again.wait_for("The codes were replaced: these are the new ones")
    stage.wait_for_codes(again)
    assert not shown(again) & old
    again.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(Kind.CUT_REPLY), "The codes were replaced: these are the new ones"),
        (Fault(Kind.HALF_REPLY), "The codes were replaced: these are the new ones"),
        (STRAIGHT, "Replaced: the old codes no longer work"),
    ],
    ids=["lost", "half", "straight"],
)
def test_surviving_program_reports_the_rotation_at_once(stage: Stage, fault: Fault, said: str) -> None:
    old = stage.codes()
    program = stage.start()
    stage.begin_to_rotate(program, fault)
    program.wait_until(lambda: shown(program) == stage.codes() != old, "the new codes")
    program.wait_for(said)
    program.close()
    assert stage.server.reached.count(ROTATE) == 1
