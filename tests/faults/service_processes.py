"""Runs concurrent processes on one data folder, and kills some; prints the results.

python -m tests.faults.service_processes race|rotation|http-kill [--rounds N] [--processes N]
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import httpx

from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from tests.support.caller import Caller

_FORK = multiprocessing.get_context("fork")


_TIMEOUT = 60.0
"""Seconds after which a process counts as lost."""


def in_process(service: Service) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service")


def _codes_and_token(folder: Path, *, rotate: bool = True) -> tuple[list[str], str]:
    """Sign in a user; return the user's codes, rotated if requested, and the session's token."""

    async def signed_in(service: Service) -> tuple[list[str], str]:
        async with in_process(service) as http:
            caller = await Caller(http, service).sign_in()
            return await caller.rotate() if rotate else await caller.codes(), caller.token

    with closing(Service.open(folder)) as service:
        return asyncio.run(signed_in(service))


def race(folder: Path, *, processes: int, rounds: int) -> list[int]:
    """Use one code in many processes at once; return how many succeeded in each round."""
    return [_race_once(folder, processes) for _ in range(rounds)]


def _race_once(folder: Path, processes: int) -> int:
    codes, token = _codes_and_token(folder)
    barrier = _FORK.Barrier(processes)
    statuses = _FORK.SimpleQueue()

    def offer(barrier: Barrier) -> None:
        async def use(service: Service) -> int:
            async with in_process(service) as http:
                return (await Caller(http, service, token).use(codes[0])).status_code

        with closing(Service.open(folder)) as service:
            barrier.wait(_TIMEOUT)
            statuses.put(asyncio.run(use(service)))

    started = [_FORK.Process(target=offer, args=(barrier,)) for _ in range(processes)]
    for process in started:
        process.start()
    for process in started:
        process.join(_TIMEOUT)
    received = [statuses.get() for process in started if process.exitcode == 0]
    assert len(received) == processes, [process.exitcode for process in started]
    # After five wrong attempts, further ones have to wait.
    assert set(received) <= {200, 422, 429}, received
    return received.count(200)


def rotation(folder: Path, *, rounds: int, rng: random.Random) -> tuple[int, int]:
    """Kill a rotating process at random times; return how often the old and a new set remained."""
    old = new = 0
    for _ in range(rounds):
        first, token = _codes_and_token(folder)
        results, child = _FORK.Pipe(duplex=False)
        process = _FORK.Process(target=_rotate_forever, args=(folder, token, child))
        process.start()
        child.close()
        results.recv()
        time.sleep(rng.uniform(0, 0.02))
        process.kill()
        process.join()
        last = first
        while results.poll():
            try:
                last = results.recv()
            except (EOFError, OSError):
                break
        found, _ = _codes_and_token(folder, rotate=False)
        assert len(found) == 10, found
        if found == last:
            old += 1
        else:
            # The rotation was committed, but its response was interrupted.
            assert not set(found) & set(last), (found, last)
            new += 1
    return old, new


def _rotate_forever(folder: Path, token: str, results: Connection) -> None:
    async def rotate(service: Service) -> None:
        async with in_process(service) as http:
            caller = Caller(http, service, token)
            while True:
                results.send(await caller.rotate())

    with closing(Service.open(folder)) as service:
        asyncio.run(rotate(service))


@dataclass
class Server:
    """A process that runs `mfa-tui serve`."""

    location: Location | Path
    process: subprocess.Popen[str] = field(init=False)
    url: str = field(init=False)

    def __post_init__(self) -> None:
        location = Location(self.location) if isinstance(self.location, Path) else self.location
        command = [sys.executable, "-m", "mfa_tui", "serve", "--limits", "relaxed", "--data-dir", str(location.folder)]
        if location.key_file is not None:
            command += ["--keys", str(location.key_file)]
        environment = dict(os.environ)
        if location.database_url is not None:
            environment["MFA_TUI_DATABASE_URL"] = location.database_url.reveal()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        listening, environment_line = self.process.stdout.readline(), self.process.stdout.readline()
        base, environment_id = listening.split()[-1], environment_line.split()[-1]
        self.url = f"{base}/sdk/{environment_id}"

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@dataclass
class Ledger:
    """The state that one user expects: the last set, the codes used, and the requests without a response."""

    token: str
    codes: list[str]
    accepted: set[str] = field(default_factory=set)
    open_codes: set[str] = field(default_factory=set)
    open_rotation: bool = False
    rotations: int = 0
    uses: int = 0


async def _work(http: httpx.AsyncClient, url: str, user: Ledger, rng: random.Random) -> None:
    """Use codes and rotate until the server is killed, and record the responses."""
    headers = {"authorization": f"Bearer {user.token}"}
    try:
        while True:
            left = [code for code in user.codes if code not in user.accepted]
            if left and rng.random() < 0.6:
                code = rng.choice(left)
                user.open_codes.add(code)
                response = await http.post(f"{url}/users/mfa/auth/recovery", json={"code": code}, headers=headers)
                assert response.status_code == 200, response.text
                user.open_codes.discard(code)
                user.accepted.add(code)
                user.uses += 1
            else:
                user.open_rotation = True
                response = await http.post(f"{url}/users/mfa/recovery", headers=headers)
                assert response.status_code == 200, response.text
                user.codes, user.accepted, user.open_rotation = response.json()["recoveryCodes"], set(), False
                user.rotations += 1
    except httpx.TransportError:
        return


async def _check(http: httpx.AsyncClient, url: str, user: Ledger) -> str:
    """Compare the database with the recorded responses; return the outcome of the interrupted request."""
    headers = {"authorization": f"Bearer {user.token}"}
    response = await http.get(f"{url}/users/mfa/recovery", headers=headers)
    assert response.status_code == 200, response.text
    found: list[str] = response.json()["recoveryCodes"]
    unused = [code for code in user.codes if code not in user.accepted]
    outcome = "nothing open"
    if found == unused:
        outcome = "not done" if user.open_rotation or user.open_codes else "nothing open"
    elif user.open_rotation:
        assert len(found) == 10, found
        assert not set(found) & set(user.codes), (found, user.codes)
        user.codes, user.accepted, outcome = found, set(), "done"
    else:
        assert found == [code for code in unused if code not in user.open_codes], (found, unused, user.open_codes)
        user.accepted |= user.open_codes
        outcome = "done"
    user.open_rotation, user.open_codes = False, set()
    for code in list(user.accepted)[:1]:
        again = await http.post(f"{url}/users/mfa/auth/recovery", json={"code": code}, headers=headers)
        assert again.status_code == 422, again.text
    return outcome


def http_kill(folder: Path, *, rounds: int, users: int, rng: random.Random) -> dict[str, int]:
    """Kill a server under load at random times, and check the recorded responses after each time."""
    figures = {"kills": 0, "rotations confirmed": 0, "uses confirmed": 0, "nothing open": 0, "not done": 0, "done": 0}

    async def round_of(url: str, process: subprocess.Popen[str]) -> None:
        async with httpx.AsyncClient(timeout=30) as http:
            working = [asyncio.create_task(_work(http, url, user, rng)) for user in ledgers]
            await asyncio.sleep(rng.uniform(0.05, 0.5))
            process.kill()
            await asyncio.gather(*working)

    async def checks(url: str) -> None:
        async with httpx.AsyncClient(timeout=30) as http:
            for user in ledgers:
                figures[await _check(http, url, user)] += 1

    async def sign_in(number: int, service: Service) -> Ledger:
        async with in_process(service) as http:
            caller = await Caller(http, service).sign_in(f"user{number}@example.org")
            return Ledger(caller.token, await caller.codes())

    with closing(Service.open(folder)) as service:
        ledgers = [asyncio.run(sign_in(number, service)) for number in range(users)]
    for _ in range(rounds):
        server = Server(folder)
        asyncio.run(round_of(server.url, server.process))
        server.kill()
        figures["kills"] += 1
        again = Server(folder)
        try:
            asyncio.run(checks(again.url))
        finally:
            again.stop()
    figures["rotations confirmed"] = sum(user.rotations for user in ledgers)
    figures["uses confirmed"] = sum(user.uses for user in ledgers)
    return figures


def main() -> None:
    """Run one of them at full size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", choices=("race", "rotation", "http-kill"))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mfa"
        match asked.run:
            case "race":
                winners = race(folder, processes=asked.processes or 50, rounds=asked.rounds or 20)
                figures = f"winners in each of {len(winners)} rounds: {sorted(set(winners))}"
            case "rotation":
                old, new = rotation(folder, rounds=asked.rounds or 100, rng=rng)
                figures = (
                    f"{old + new} kills: the last confirmed set remained {old} times, a complete new one {new} times"
                )
            case _:
                figures = str(http_kill(folder, rounds=asked.rounds or 50, users=asked.processes or 16, rng=rng))
    seconds = time.monotonic() - began
    print(f"{figures}\nseed {asked.seed}, {seconds:.0f} s, {os.cpu_count()} cores")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
