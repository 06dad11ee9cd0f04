"""Measures the throughput and the latency of one server, by the number of users.

    python -m tests.bench.service_throughput [--users 10 10000 1000000] [--clients 16] [--calls 4000]

Client and server share the cores of the machine.
"""

import argparse
import asyncio
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mfa_tui.protocol.models import SET_SIZE
from mfa_tui.server.database import Location, OpenedStore
from mfa_tui.server.recovery import CODE_LENGTH, StoredCode, generate_codes
from mfa_tui.server.service import Service
from mfa_tui.server.tokens import SessionClaims, TokenKind, Tokens
from mfa_tui.server.users import User
from tests.faults.service_processes import Server

_MAX_ACTIVE = 2000
_ENCRYPTED_BYTES = 12 + CODE_LENGTH + 16


@dataclass
class Active:
    """A user who sends requests: the token and the unused codes."""

    token: str
    codes: list[str]


def build(folder: Path, users: int) -> list[Active]:
    """Create a database of users with ten codes each; return the active ones, spread evenly over it.

    The codes of the others are random bytes of the right size.
    """
    Service.open(folder).close()
    location = Location(folder)
    opened = OpenedStore.open(location)
    opened.store.close()
    active = range(1, users + 1, max(1, users // _MAX_ACTIVE))
    with closing(sqlite3.connect(location.database, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -500000")
        database.execute("BEGIN")
        # As in production, numbers are ascending and identifiers are random.
        database.executemany(
            "INSERT INTO users (number, id, email, credential_id, created_at, acknowledgement)"
            " VALUES (?, ?, ?, ?, 0, 'complete')",
            ((number, str(uuid4()), f"user{number}@example.org", str(uuid4())) for number in range(1, users + 1)),
        )
        database.executemany(
            "INSERT INTO recovery_codes VALUES (?, ?, ?, ?, NULL)", _inactive_codes(users, set(active))
        )
        actives = [_activate(database, opened, number) for number in active]
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return actives


def _inactive_codes(users: int, active: set[int]) -> Iterator[tuple[int, int, bytes, bytes]]:
    for number in range(1, users + 1):
        if number not in active:
            octets = os.urandom((32 + _ENCRYPTED_BYTES) * SET_SIZE)
            for position in range(SET_SIZE):
                entry = octets[position * (32 + _ENCRYPTED_BYTES) :]
                yield number, position, entry[:32], entry[32 : 32 + _ENCRYPTED_BYTES]


def _activate(database: sqlite3.Connection, opened: OpenedStore, number: int) -> Active:
    """Create codes and a session for a user, as the service does."""
    user_id, email = database.execute("SELECT id, email FROM users WHERE number = ?", (number,)).fetchone()
    user, keys = User(number, user_id, email, "", "complete"), opened.keys
    codes = list(generate_codes())
    for position, code in enumerate(codes):
        stored = StoredCode.encrypt(keys, user, position, code)
        database.execute(
            "INSERT INTO recovery_codes VALUES (?, ?, ?, ?, NULL)", (number, position, stored.lookup, stored.ciphertext)
        )
    now = int(time.time())
    session_id = str(uuid4())
    database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, 0, 'email')", (session_id, number, now, now + 86_400))
    claims = SessionClaims(
        sub=user_id, sid=session_id, scope="user:basic", email=email, last_verified_credential_id="", aud=""
    )
    tokens = Tokens(opened.signing_key, opened.environment_id)
    return Active(tokens.sign(TokenKind.SESSION, claims, now=now, expires_at=now + 86_400).reveal(), codes)


def _request(environment_id: str, method: str, path: str, token: str, body: str = "") -> bytes:
    return (
        f"{method} /api/v0/sdk/{environment_id}{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _call_all(address: tuple[str, int], requests: Sequence[bytes], clients: int) -> tuple[float, list[float]]:
    """Send all requests over the given number of connections; return the total time and the time of each."""
    waiting, taken = iter(requests), []

    async def client(waiting: Iterable[bytes]) -> None:
        reader, writer = await asyncio.open_connection(*address)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            taken.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client(waiting) for _ in range(clients)))
    return time.perf_counter() - began, taken


def _figures(name: str, seconds: float, taken: list[float]) -> str:
    ordered = sorted(taken)
    middle, slow = (1000 * ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
    return f"{name}: {len(taken) / seconds:6.0f}/s, median {middle:5.1f} ms, p99 {slow:5.1f} ms"


def measure(folder: Path, actives: list[Active], *, clients: int, calls: int, rng: random.Random) -> list[str]:
    """Measure reading and using codes on one server."""
    server = Server(folder)
    host, port = server.url.split("/")[2].split(":")
    environment_id = server.url.rpartition("/")[2]
    address = (host, int(port))
    try:
        reads = [
            _request(environment_id, "GET", "/users/mfa/recovery", rng.choice(actives).token) for _ in range(calls)
        ]
        asyncio.run(_call_all(address, reads[: calls // 10], clients))
        read = asyncio.run(_call_all(address, reads, clients))
        uses = [
            _request(environment_id, "POST", "/users/mfa/auth/recovery", user.token, f'{{"code":"{code}"}}')
            for user in actives
            for code in user.codes
        ]
        rng.shuffle(uses)
        use = asyncio.run(_call_all(address, uses[:calls], clients))
    finally:
        server.stop()
    return [_figures("read", *read), _figures("use ", *use)]


def main() -> None:
    """Print the results for each number of users."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, nargs="+", default=[10, 10_000, 1_000_000])
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--calls", type=int, default=4000)
    asked = parser.parse_args()
    for users in asked.users:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "mfa"
            began = time.monotonic()
            actives = build(folder, users)
            built = time.monotonic() - began
            size = (folder / "mfa.sqlite3").stat().st_size / 1e6
            figures = measure(folder, actives, clients=asked.clients, calls=asked.calls, rng=random.Random(users))
            print(f"{users} users ({size:.1f} MB, built in {built:.0f} s)", *figures, sep="\n  ", flush=True)


if __name__ == "__main__":
    main()
