"""Attacks the connections of `mfa-tui serve` from one address, and prints how requests from another one fare.

python -m tests.bench.connection_attacks [--seconds N] [ATTACK …]

Linux only: it uses 127.0.0.2, and reads the server's memory from /proc.
"""

import argparse
import asyncio
import contextlib
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from tests.support.certificate import self_signed

_HOST = "127.0.0.1"
_ATTACKER = ("127.0.0.2", 0)
_UNREAD = 400
"""How many responses a client of `unread` requests: together more than the kernel's buffers take."""
_MAX_FILES = 1024
"""How many files a process may have open by default."""


@dataclass
class Target:
    """A server under attack."""

    port: int
    certificate: Path | None

    async def connect(self) -> socket.socket:
        """Return a connection from the attacker's address, without TLS."""
        attacker = socket.socket()
        attacker.setblocking(False)
        attacker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        attacker.bind(_ATTACKER)
        await asyncio.get_running_loop().sock_connect(attacker, (_HOST, self.port))
        return attacker

    async def request(self) -> float:
        """Send a legitimate request on a new connection, and return how long it took."""
        start = time.monotonic()
        tls = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(
                _HOST, self.port, ssl=tls, server_hostname="localhost" if tls else None
            )
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
        if b" 200 " not in status:
            raise ConnectionError(status)
        return time.monotonic() - start


async def answered_early(attacker: socket.socket) -> None:
    """Send a request with a body, get the response before the body is complete, and send one more byte."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(attacker, b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n")
    await loop.sock_recv(attacker, 1000)
    await loop.sock_sendall(attacker, b"x")


async def silent(_attacker: socket.socket) -> None:
    """Send nothing: no TLS handshake, and no headers."""


async def half_a_head(attacker: socket.socket) -> None:
    """Send the start of the headers."""
    await asyncio.get_running_loop().sock_sendall(attacker, b"GET /healthz HTTP/1.1\r\nhost:")


async def unread(attacker: socket.socket) -> None:
    """Request many large responses, and read none."""
    requests = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n" * _UNREAD
    await asyncio.get_running_loop().sock_sendall(attacker, requests)


ATTACKS: dict[str, tuple[Callable[[socket.socket], Coroutine[None, None, None]], int, bool]] = {
    "answered-early": (answered_early, 499, False),
    "half-a-head": (half_a_head, 499, False),
    "unread": (unread, 499, False),
    "silent-tls": (silent, 1100, True),
}
"""The attack on one connection, the number of connections, and whether the server has TLS."""


def run(name: str, seconds: int) -> None:
    """Run one attack on a new server, and print a line about it."""
    tls = ATTACKS[name][2]
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = self_signed(Path(folder))
        command = [sys.executable, "-m", "mfa_tui", "serve", "--data-dir", f"{folder}/data"]
        with subprocess.Popen(
            [*command, "--tls-cert", certificate, "--tls-key", key] if tls else command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (_MAX_FILES, _MAX_FILES))
            port = int(process.stdout.readline().split(":")[-1].split("/")[0])
            asyncio.run(_run(name, Target(port, certificate if tls else None), process.pid, seconds))
            process.terminate()


async def _run(name: str, target: Target, server: int, seconds: int) -> None:
    attack, count, _ = ATTACKS[name]
    await target.request()
    memory = _memory(server)
    start = time.monotonic()
    attackers = [await target.connect() for _ in range(count)]
    attacks = [asyncio.create_task(attack(attacker)) for attacker in attackers]
    await asyncio.sleep(0.5)
    times, failures = [], 0
    for _ in range(20):
        try:
            times.append(await target.request())
        except (OSError, TimeoutError):
            failures += 1
        await asyncio.sleep(0.05)
    held, grown = _connections(server), _memory(server) - memory
    await asyncio.sleep(max(0, start + seconds - time.monotonic()))
    slowest = f"slowest {max(times) * 1000:.0f} ms" if times else "none"
    print(
        f"{name}: {count} connections; {held} held, {grown} MiB more; "
        f"{len(times)} of {len(times) + failures} requests answered, {slowest}; "
        f"{_connections(server)} held after {seconds} s",
        flush=True,
    )
    for attacker, task in zip(attackers, attacks, strict=True):
        task.cancel()
        attacker.close()
    await asyncio.gather(*attacks, return_exceptions=True)


def _connections(process_id: int) -> int:
    """Return the number of open sockets, except the one that listens and the event loop's own pair."""
    found = 0
    for descriptor in Path(f"/proc/{process_id}/fd").iterdir():
        with contextlib.suppress(OSError):
            found += str(descriptor.readlink()).startswith("socket:")
    return found - 3


def _memory(process_id: int) -> int:
    """Return the resident memory in MiB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def main() -> None:
    """Run the attacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=int, default=25, help="when connections are counted again")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    for name in arguments.attacks or ATTACKS:
        run(name, arguments.seconds)


if __name__ == "__main__":
    main()
