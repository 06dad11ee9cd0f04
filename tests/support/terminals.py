"""Real sshd and tmux servers for tests."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.program import TIMEOUT

SSHD = "/usr/sbin/sshd"


def require(*tools: str) -> None:
    """Skip the test if a tool is missing; in CI, where all are installed, fail."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


class Sshd:
    """OpenSSH's server on loopback, for this user, with keys of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {folder}/user.pub\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPrintMotd no\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self._server = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + TIMEOUT
        while not self._answers():
            assert time.monotonic() < deadline
            assert self._server.poll() is None

    def command(self, remote: str) -> list[str]:
        """Return the command that runs `remote` over SSH, on a terminal."""
        return ["ssh", "-tt", *self._options, f"{getpass.getuser()}@127.0.0.1", remote]

    @contextmanager
    def tunnel(self, host: str, port: int) -> Iterator[None]:
        """Make a port of 127.0.0.1 reachable at another address of this machine, through the server."""
        forward = f"{host}:{port}:127.0.0.1:{port}"
        command = ["ssh", "-N", "-L", forward, *self._options, f"{getpass.getuser()}@127.0.0.1"]
        with subprocess.Popen(command) as process:
            deadline = time.monotonic() + TIMEOUT
            while True:
                with suppress(OSError), socket.create_connection((host, port), 0.1):
                    break
                assert time.monotonic() < deadline
                time.sleep(0.02)
            try:
                yield
            finally:
                process.terminate()

    @property
    def _options(self) -> list[str]:
        options = ("StrictHostKeyChecking=no", f"UserKnownHostsFile={self._folder}/known", "LogLevel=ERROR")
        flags = [part for option in options for part in ("-o", option)]
        return [
            *("-F", "none", "-p", str(self.port), "-i", str(self._folder / "user"), *flags),
        ]

    def close(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False


class Tmux:
    """A tmux server with its default options."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"

    def command(self, shell: str) -> list[str]:
        """Return the command that opens a session that runs this shell command."""
        return ["tmux", "-f", "/dev/null", "-S", str(self._socket), "new-session", "-s", "test", shell]

    def ask(self, *arguments: str) -> str:
        """Return the output of a tmux command; empty if it fails."""
        command: Sequence[str] = ["tmux", "-S", str(self._socket), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def pane(self) -> str:
        """Return the pane's screen and all of its scrollback."""
        return self.ask("capture-pane", "-p", "-S", "-", "-t", "test")

    def modes(self) -> str:
        """Return whether the alternate screen and the mouse are on."""
        return self.ask("display-message", "-p", "-t", "test", "#{alternate_on} #{mouse_any_flag}").strip()

    def close(self) -> None:
        """Kill the server and its sessions."""
        self.ask("kill-server")
