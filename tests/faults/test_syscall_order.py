"""Nothing is announced before it is on the disk: neither a response, nor a record, nor a saved file (by strace)."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mfa_tui.client import transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.connection import OutboxMailbox
from mfa_tui.redaction import Secret

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

CALLS = "trace=openat,recvfrom,write,pwrite64,writev,sendto,sendmsg,rename,renameat,renameat2,fsync,fdatasync"
BEGIN = re.compile(r"^\d+ +(\w+)\((.*)$")
PATH = re.compile(r"^(?:AT_FDCWD<[^>]*>|\d+<([^>]*)>)")
NAMES = re.compile(r'"((?:[^"\\]|\\.)*)"')
CHANGES = 3
"""At least: signing in by a mail takes two, and rotating one."""

RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>")


class Disk:
    """What the traced program wrote below a folder and has not forced to disk yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.unsynced: set[str] = set()
        self.announced = 0
        self.log_syncs = 0
        self.problems: list[str] = []
        self.responses = 0
        """The responses to changing requests."""
        self._syncing: dict[str, str] = {}
        self._log_synced = False
        """Whether the database's log was forced to disk since the last changing request arrived."""
        self._requested = False

    def follow(self, lines: Iterator[str] | list[str]) -> None:
        """Follow the calls in order. A synchronization counts from its end, everything else from its start."""
        for line in lines:
            if resumed := RESUMED.match(line):
                if resumed[2] in {"fsync", "fdatasync"}:
                    self._synced(self._syncing.pop(resumed[1], ""))
            elif begun := BEGIN.match(line):
                self._call(line.split(" ", 1)[0], begun[1], begun[2])

    def _call(self, process: str, name: str, arguments: str) -> None:
        found = PATH.match(arguments)
        path = (found[1] or "") if found else ""
        if name in {"fsync", "fdatasync"}:
            if "<unfinished" in arguments:
                self._syncing[process] = path
            else:
                self._synced(path)
        elif name == "recvfrom":
            self._receive(arguments)
        elif name == "openat" or name.startswith("rename"):
            self._change_names(name, arguments)
        elif '"HTTP/1.1 2' in arguments:
            self._respond()
        elif arguments.startswith(("1<", "2<")):
            self.announced += 1
            self.log_syncs_before = self.log_syncs
            if self.unsynced:
                self.problems.append(f"{arguments[:90]} is announced before these are on the disk: {self.unsynced}")
        else:
            self._note(path)

    def _receive(self, arguments: str) -> None:
        if '"POST ' in arguments or '"PUT ' in arguments:
            self._log_synced = False
            self._requested = True

    def _respond(self) -> None:
        if self._requested:
            self.responses += 1
            if not self._log_synced:
                self.problems.append("a response leaves before its change is on the disk")
        self._requested = False

    def _change_names(self, name: str, arguments: str) -> None:
        names = NAMES.findall(arguments)
        if name != "openat":
            if names[0] in self.unsynced:
                self.problems.append(f"{names[1]} gets its name before its content is on the disk")
            self._note(str(Path(names[1]).parent))
        elif "O_CREAT" in arguments and "O_EXCL" in arguments and " = -1" not in arguments:
            self._note(str(Path(names[0]).parent))

    def _synced(self, path: str) -> None:
        self.unsynced.discard(path)
        if path.endswith("-wal"):
            self._log_synced = True
            self.log_syncs += 1

    def _note(self, path: str) -> None:
        """Note a file with codes or their record, or the folder of one, as changed.

        The database's log is not among them: the service may be writing for another request, in the background.
        """
        is_ours = path.startswith(self._folder) and "outbox" not in path
        if is_ours and (path.endswith((".tmp", "codes.txt", "/sets", "/saved")) and ".lock" not in path):
            self.unsynced.add(path)


def trace(folder: Path, *arguments: str) -> list[str]:
    """Return the command line that traces the program into a file of the folder."""
    traced = ["strace", "-f", "-y", "-s", "48", "-e", CALLS, "-o", str(folder / "trace")]
    return [*traced, sys.executable, "-m", "mfa_tui", *arguments]


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "printed"])
def test_rotation_is_announced_once_all_of_it_is_on_the_disk(tmp_path: Path, home: Path, saved: bool) -> None:
    (home / "saved").mkdir()
    where = ["--save", str(home / "saved" / "codes.txt")] if saved else []
    command = trace(tmp_path, "rotate", "--yes", *where)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    disk = Disk(home)
    disk.follow((tmp_path / "trace").read_text().splitlines())
    assert disk.problems == []
    assert disk.announced > 2
    assert disk.log_syncs_before >= CHANGES


def test_response_leaves_once_its_change_is_on_the_disk(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = trace(tmp_path, "serve", "--data-dir", str(data), "--limits", "relaxed")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        assert process.stdout is not None
        url, environment = (process.stdout.readline().split()[-1] for _ in range(2))
        asyncio.run(_rotate_and_use(url, environment, data / "outbox"))
        os.killpg(process.pid, signal.SIGTERM)
    disk = Disk(data)
    disk.follow((tmp_path / "trace").read_text().splitlines())
    assert disk.problems == []
    assert disk.responses == CHANGES + 2


async def _rotate_and_use(url: str, environment: str, outbox: Path) -> None:
    async with DynamicClient(transport.network(url), url, environment) as client:
        verification = await client.create_email_verification("me@example.org")
        code = await OutboxMailbox(outbox).code_from(verification.verification_uuid)
        token = (await client.sign_in_with_email(verification.verification_uuid, code)).minified_jwt
        assert isinstance(token, Secret)
        new = await client.create_new_mfa_recovery_codes(token)
        await client.acknowledge_recovery_codes(token, shown=new.recovery_codes)
        await client.authenticate_mfa_recovery_code(token, new.recovery_codes[0])
