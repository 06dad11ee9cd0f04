"""The built-in service over HTTP in its own process: an environment like a hosted one."""

import email
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 20.0
"""Seconds to wait for a mail."""


@dataclass
class Served:
    """The address, environment and outbox of a service."""

    api_url: str
    environment_id: str
    outbox: Path
    kill: Callable[[], None]
    """Ends it at once, in the middle of requests."""

    @property
    def flags(self) -> tuple[str, ...]:
        """The options that select it."""
        return ("--api-url", self.api_url, "--environment-id", self.environment_id)

    def next_code(self) -> str:
        """Wait for a mail, take it out of the outbox, and return the code in it."""
        deadline = time.monotonic() + TIMEOUT
        while not (mails := sorted(self.outbox.glob("code-*.eml"))):
            assert time.monotonic() < deadline, "no mail came"
            time.sleep(0.02)
        text = str(email.message_from_bytes(mails[-1].read_bytes()).get_payload())
        for mail in mails:
            mail.unlink()
        found = re.search(r"^(\d{6})\s*$", text, re.MULTILINE)
        assert found is not None
        return found[1]


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[Served]:
    """Run the service with its data in a folder, on a port or on a free one."""
    command = [sys.executable, "-m", "mfa_tui", "serve", "--data-dir", str(folder), "--limits", "relaxed"]
    command += ["--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, environment_id = (process.stdout.readline().split()[-1] for _ in range(2))
        try:
            yield Served(url, environment_id, folder / "outbox", process.kill)
        finally:
            process.terminate()
