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

CALLS = "trace=openat,write,pwrite64,writev,sendto,sendmsg,rename,renameat,renameat2,fsync,fdatasync"
BEGIN = re.compile(r"^\d+ +(\w+)\((.*)$")
PATH = re.compile(r"^(?:AT_FDCWD<[^>]*>|\d+<([^>]*)>)")
NAMES = re.compile(r'"((?:[^"\\]|\\.)*)"')
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>")


class Disk:
    """What the traced program wrote below a folder and has not forced to disk yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.unsynced: set[str] = set()
        self.announced = 0
        self.problems: list[str] = []
        self._syncing: dict[str, str] = {}

    def follow(self, lines: Iterator[str] | list[str]) -> None:
        """Follow the calls in order. A synchronization counts from its end, everything else from its start."""
        for line in lines:
            if resumed := RESUMED.match(line):
                if resumed[2] in {"fsync", "fdatasync"}:
                    self.unsynced.discard(self._syncing.pop(resumed[1], ""))
            elif begun := BEGIN.match(line):
                self._call(line.split(" ", 1)[0], begun[1], begun[2])

    def _call(self, process: str, name: str, arguments: str) -> None:
        found = PATH.match(arguments)
        path = (found[1] or "") if found else ""
        names = NAMES.findall(arguments)
        match name:
            case "fsync" | "fdatasync":
                if "<unfinished" in arguments:
                    self._syncing[process] = path
                else:
                    self.unsynced.discard(path)
            case "openat" if "O_CREAT" in arguments and "O_EXCL" in arguments and " = -1" not in arguments:
                self._note(str(Path(names[0]).parent))
            case "rename" | "renameat" | "renameat2":
                old, new = names[:2]
                if old in self.unsynced:
                    self.problems.append(f"{new} gets its name before its content is on the disk")
                self._note(str(Path(new).parent))
            case _ if arguments.startswith(("1<", "2<")) or '"HTTP/1.1 2' in arguments:
                self.announced += 1
                if self.unsynced:
                    self.problems.append(f"{arguments[:90]} is announced before these are on the disk: {self.unsynced}")
            case _:
                self._note(path)

    def _note(self, path: str) -> None:
        """Note a file with codes or their record, or the folder of one, as changed."""
        is_ours = path.startswith(self._folder) and "outbox" not in path
        if is_ours and (path.endswith(("-wal", ".tmp", "codes.txt", "/sets", "/saved")) and ".lock" not in path):
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
    assert disk.announced > 5


async def _rotate_and_use(url: str, environment: str, outbox: Path) -> None:
    async with DynamicClient(transport.network(url), url, environment) as client:
        verification = await client.create_email_verification("me@example.org")
        code = await OutboxMailbox(outbox).code_from(verification.verification_uuid)
        token = (await client.sign_in_with_email(verification.verification_uuid, code)).minified_jwt
        assert isinstance(token, Secret)
        new = await client.create_new_mfa_recovery_codes(token)
        await client.acknowledge_recovery_codes(token, shown=new.recovery_codes)
        await client.authenticate_mfa_recovery_code(token, new.recovery_codes[0])
