"""Measures the throughput and the latency of one server, by the number of users.

    python -m tests.bench.service_throughput [--users N ...] [--clients N] [--calls N] [--processes N] [--postgres]

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
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg

from mfa_tui.protocol.models import SET_SIZE
from mfa_tui.server.database import Location, OpenedStore
from mfa_tui.server.recovery import CODE_LENGTH, StoredCode, generate_codes
from mfa_tui.server.store import Transaction
from mfa_tui.server.tokens import SessionClaims, TokenKind, Tokens
from mfa_tui.server.users import get as get_user
from tests.faults.service_processes import Server
from tests.support import postgres
from tests.support.postgres import PostgresServer

_MAX_ACTIVE = 1000
_ENCRYPTED_BYTES = 12 + CODE_LENGTH + 16


class Asked(argparse.Namespace):
    """The options."""

    users: list[int]
    clients: int
    calls: int
    processes: int
    postgres: bool


@dataclass
class Active:
    """A user who sends requests: the token and the unused codes."""

    token: str
    codes: list[str]


def build(location: Location, users: int) -> list[Active]:
    """Create a database of users with ten codes each; return the active ones, spread evenly over it.

    The codes of the others are random bytes of the right size.
    """
    opened = OpenedStore.open(location)
    active = range(1, users + 1, max(1, users // _MAX_ACTIVE))
    # As in production, numbers are ascending and identifiers are random.
    rows = (
        (number, str(uuid4()), f"user{number}@example.org", str(uuid4()), 0, "complete")
        for number in range(1, users + 1)
    )
    with closing(opened.store):
        _insert(location, "users", "number, id, email, credential_id, created_at, acknowledgement", rows)
        codes = _inactive_codes(users, set(active))
        _insert(location, "recovery_codes", "user_number, position, lookup, sealed", codes)
        return [opened.store.write(partial(_activate, opened, number)) for number in active]


def _insert(location: Location, table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    if location.database_url is not None:
        with psycopg.connect(location.database_url.reveal()) as connection:
            with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            connection.execute(b"ANALYZE")
        return
    with closing(sqlite3.connect(location.database, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -500000")
        database.execute("BEGIN")
        places = ", ".join("?" * len(columns.split(", ")))
        database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _inactive_codes(users: int, active: set[int]) -> Iterator[tuple[int, int, bytes, bytes]]:
    for number in range(1, users + 1):
        if number not in active:
            octets = os.urandom((32 + _ENCRYPTED_BYTES) * SET_SIZE)
            for position in range(SET_SIZE):
                entry = octets[position * (32 + _ENCRYPTED_BYTES) :]
                yield number, position, entry[:32], entry[32 : 32 + _ENCRYPTED_BYTES]


def _activate(opened: OpenedStore, number: int, db: Transaction) -> Active:
    """Create codes and a session for a user, as the service does."""
    user, codes = get_user(db, number), list(generate_codes())
    for position, code in enumerate(codes):
        stored = StoredCode.encrypt(opened.keys, user, position, code)
        db.execute(
            "INSERT INTO recovery_codes (user_number, position, lookup, sealed) VALUES (?, ?, ?, ?)",
            number,
            position,
            stored.lookup,
            stored.ciphertext,
        )
    now, session_id = int(time.time()), str(uuid4())
    expires_at = now + 86_400
    db.execute(
        "INSERT INTO sessions (id, user_number, created_at, expires_at, proved_at, pending) VALUES (?, ?, ?, ?, ?, 0)",
        session_id,
        number,
        now,
        expires_at,
        now,
    )
    claims = SessionClaims(
        sub=user.id, sid=session_id, scope="user:basic", email=user.email, last_verified_credential_id="", aud=""
    )
    tokens = Tokens(opened.signing_key, opened.environment_id)
    return Active(tokens.sign(TokenKind.SESSION, claims, now=now, expires_at=expires_at).reveal(), codes)


def _request(environment_id: str, method: str, path: str, token: str, body: str = "") -> bytes:
    return (
        f"{method} /api/v0/sdk/{environment_id}{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _call_all(urls: Sequence[str], requests: Sequence[bytes], clients: int) -> tuple[float, list[float]]:
    """Send all requests over the given number of connections; return the total time and the time of each."""
    waiting, taken = iter(requests), []

    async def client(url: str, waiting: Iterable[bytes]) -> None:
        host, port = url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for request in waiting:
            began = time.perf_counter()
            while (status := await _send(reader, writer, request)) == b"503":
                pass  # nothing was changed: it is sent again, and all of it counts as one
            assert status == b"200", status
            taken.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client(urls[number % len(urls)], waiting) for number in range(clients)))
    return time.perf_counter() - began, taken


async def _send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """Send a request, read the response, and return its status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return head.split()[1]


def _figures(name: str, seconds: float, taken: list[float]) -> str:
    ordered = sorted(taken)
    middle, slow = (1000 * ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
    return f"{name}: {len(taken) / seconds:6.0f}/s, median {middle:5.1f} ms, p99 {slow:5.1f} ms"


def measure(location: Location, actives: list[Active], asked: Asked) -> Iterator[str]:
    """Measure reading, using and rotating codes with some servers."""
    rng = random.Random(len(actives))
    servers = [Server(location) for _ in range(asked.processes)]
    urls = [server.url for server in servers]
    environment_id = urls[0].rpartition("/")[2]
    use, codes = "/users/mfa/auth/recovery", "/users/mfa/recovery"
    uses = [
        _request(environment_id, "POST", use, user.token, f'{{"code":"{code}"}}')
        for user in actives
        for code in user.codes
    ]
    rng.shuffle(uses)
    try:
        for name, requests in (
            ("first", [_request(environment_id, "GET", codes, user.token) for user in actives]),
            ("read", [_request(environment_id, "GET", codes, rng.choice(actives).token) for _ in range(asked.calls)]),
            ("use", uses[: asked.calls]),
            ("rotate", [_request(environment_id, "POST", codes, user.token) for user in actives[: asked.calls]]),
        ):
            yield _figures(f"{name:6}", *asyncio.run(_call_all(urls, requests, asked.clients)))
    finally:
        for server in servers:
            server.stop()


def _size(location: Location, server: PostgresServer | None) -> float:
    if server is None:
        return location.database.stat().st_size / 1e6
    ((size,),) = server.execute("SELECT pg_database_size('mfa')")
    return float(size) / 1e6


def _run(location: Location, users: int, asked: Asked, server: PostgresServer | None = None) -> None:
    began = time.monotonic()
    actives = build(location, users)
    built = time.monotonic() - began
    engine = "SQLite" if server is None else "PostgreSQL"
    print(f"{engine}, {users} users ({_size(location, server):.1f} MB, built in {built:.0f} s)", flush=True)
    for figures in measure(location, actives, asked):
        print(f"  {asked.processes} servers, {figures}", flush=True)
    print(f"  {_size(location, server):.1f} MB after it", flush=True)


def main() -> None:
    """Print the results for each number of users."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, nargs="+", default=[10, 10_000, 1_000_000])
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args(namespace=Asked())
    for users in asked.users:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "mfa"
            if asked.postgres:
                with postgres.running(settings=("shared_buffers=256MB",)) as server:
                    _run(Location(folder, server.url()), users, asked, server)
            else:
                _run(Location(folder), users, asked)


if __name__ == "__main__":
    main()
