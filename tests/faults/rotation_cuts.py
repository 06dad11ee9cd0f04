"""Cut rotations, half of them with the program killed, and compare the reported codes with the database.

python -m tests.faults.rotation_cuts [N] [--seed S]    N rotations per service, and a table in Markdown
"""

import argparse
import asyncio
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from mfa_tui.account.state import RotationStatus
from mfa_tui.server import recovery, users
from mfa_tui.server.database import Location, OpenedStore
from mfa_tui.server.service import Service
from mfa_tui.server.store import Transaction
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile
from tests.faults.cut_program import FORK, Program, Statement
from tests.faults.faulty_server import STRAIGHT, Fault, FaultyServer, Kind

Row = tuple[str, str, str, str]
"""The service, the cut and the kill, the reported state, and whether it is true."""


@dataclass
class Rig:
    """A program, its service, and the connection between them."""

    name: str
    program: Program
    control: Connection | None = None
    """To the process with the faulty server; None if the service is in the program."""
    lasts: float = 0.4
    """The duration of the last rotation that was not killed, in seconds."""

    def arm(self, fault: Fault | None) -> None:
        """Set the fault of the next connection, or none."""
        self._tell(fault)

    def let_it_act(self) -> None:
        """Wait until the service has handled every request."""
        self._tell("idle")

    def _tell(self, message: Fault | str | None) -> None:
        if self.control is not None:
            self.control.send(message)
            self.control.recv()

    def _begin(self, fault: Fault) -> None:
        self.arm(fault)
        self._began = time.monotonic()

    def set_in_database(self) -> tuple[str, ...]:
        """Return the valid codes in the database."""
        return codes_in(self.program.places.data)

    def rotate_and_judge(self, cut: str, rng: random.Random, kill: signal.Signals | None) -> Row:
        """Rotate once, restart, and compare the reported state with the database."""
        fault = _fault(cut, rng)
        old = self.set_in_database()
        program = replace(self.program, cut=fault if self.control is None else None)
        at_once = program.rotate(kill, rng.uniform(0, self.lasts), lambda: self._begin(fault))
        if kill is None:
            self.lasts = time.monotonic() - self._began
        self.arm(None)
        said = [] if at_once is None else [at_once]
        truths = [_judge(at_once, self.set_in_database(), old) for at_once in said]
        for late in (False, True):
            if late:
                self.let_it_act()
            said.append(self.program.look())
            truths.append(_judge(said[-1], self.set_in_database(), old))
        statuss = {statement.status for statement in said}
        # After `not so far`, the program must report the rotation, and not only show other codes.
        was_reported = (
            said[-1].codes == old or RotationStatus.NOT_ROTATED not in statuss or RotationStatus.ROTATED in statuss
        )
        verdict = "true" if truths[-1] and False not in truths and was_reported else "FALSE"
        what = f"answer cut {cut}" + (f", {kill.name}" if kill and at_once is None else "")
        return self.name, what, _words(said[-1], old), verdict


def codes_in(folder: Path) -> tuple[str, ...]:
    """Return the unused codes of the only user, from the database."""
    opened = OpenedStore.open(Location(folder))

    def codes(db: Transaction) -> tuple[str, ...]:
        if not db.exists("SELECT 1 FROM users"):
            return ()
        return tuple(code.reveal() for code in recovery.unused_codes(db, opened.keys, users.get(db, 1)))

    with closing(opened.store):
        return opened.store.read(codes)


@contextmanager
def embedded(folder: Path) -> Iterator[Rig]:
    """The service in the program's process."""
    yield Rig("embedded", Program(_places(folder), Profile()))


@contextmanager
def over_http(folder: Path) -> Iterator[Rig]:
    """The service in another process, behind a faulty server: it survives the program."""
    places = _places(folder)
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=_serve, args=(places.data, theirs))
    process.start()
    url, environment_id = ours.recv()
    profile = Profile(name="faulty", environment_id=environment_id, api_url=url, known=True)
    try:
        yield Rig("over HTTP", Program(places, profile), ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def run(rig: Rig, number: int, rng: random.Random) -> Counter[Row]:
    """Rotate this many times, with each cut in turn, and kill every other one."""
    rig.program.look()
    kills = [None, signal.SIGKILL, None, signal.SIGHUP]
    cuts = ["before", "during", "after"]
    return Counter(
        rig.rotate_and_judge(cuts[turn % len(cuts)], rng, kills[turn // len(cuts) % len(kills)])
        for turn in range(number)
    )


def markdown(figures: Counter[Row]) -> str:
    """Return the figures as a table."""
    lines = ["| service | case | after the next start the program says | true | false |", "|---|---|---|---|---|"]
    for name, case, said in sorted({row[:3] for row in figures}):
        lines.append(
            f"| {name} | {case} | {said} | {figures[name, case, said, 'true']} | {figures[name, case, said, 'FALSE']} |"
        )
    return "\n".join(lines)


def _judge(said: Statement, codes: tuple[str, ...], old: tuple[str, ...]) -> bool | None:
    """Return whether a statement is true; None if it is `not so far` and the service was late."""
    match said.status:
        case RotationStatus.ROTATED:
            return said.codes == codes != old
        case RotationStatus.NOT_ROTATED:
            return True if said.codes == codes == old else None if said.codes == old else False
        case RotationStatus.UNKNOWN:
            return True
        case RotationStatus.UNDETERMINED | RotationStatus.ELSEWHERE | None:
            return said.codes == codes


def _words(said: Statement, old: tuple[str, ...]) -> str:
    match said.status:
        case RotationStatus.ROTATED:
            return "replaced: these are the new ones"
        case RotationStatus.NOT_ROTATED:
            return "not replaced so far: the old ones are valid"
        case RotationStatus.UNKNOWN | RotationStatus.UNDETERMINED:
            return "in doubt"
        case RotationStatus.ELSEWHERE:
            return "replaced elsewhere: these are the live ones"
        case None:
            return f"nothing is open: the {'old' if said.codes == old else 'new'} set"


def _fault(cut: str, rng: random.Random) -> Fault:
    match cut:
        case "before":
            return Fault(Kind.CUT_REQUEST, at=rng.randrange(1200))
        case "during":
            return Fault(Kind.HUNG_UP, at=rng.randrange(30), delay=rng.randrange(1500))
        case _:
            return Fault(Kind.CUT_REPLY, at=rng.randrange(700))


def _places(folder: Path) -> AppPaths:
    return AppPaths(config=folder / "config", data=folder / "data", state=folder / "state")


def _serve(folder: Path, control: Connection) -> None:
    async def serve(service: Service) -> None:
        async with FaultyServer(service.app) as server:
            control.send((server.url, service.environment_id))

            async def hear(message: Fault | str | None) -> None:
                if message == "idle":
                    await server.idle()
                server.script.clear()
                if isinstance(message, Fault):
                    server.script.extend([STRAIGHT, message])  # the set is read first
                control.send("done")

            heard: set[asyncio.Task[None]] = set()  # keeps a reference to each task
            loop = asyncio.get_running_loop()
            loop.add_reader(control.fileno(), lambda: heard.add(loop.create_task(hear(control.recv()))))
            await asyncio.Event().wait()

    with closing(Service.open(folder)) as service:
        asyncio.run(serve(service))


def main() -> None:
    """Run the rotations, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("number", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    figures: Counter[Row] = Counter()
    for rig_of in (embedded, over_http):
        with tempfile.TemporaryDirectory() as name, rig_of(Path(name)) as rig:
            figures += run(rig, asked.number, rng)
    print(f"{markdown(figures)}\n\n{asked.number} rotations each, seed {asked.seed}")  # noqa: T201 - prints its result


if __name__ == "__main__":
    main()
