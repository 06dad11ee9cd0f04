"""Rotations in real processes: two at once on one home, and one that is killed.

python -m tests.faults.rotation_processes [--pairs N] [--signals N] [--seed S]    prints the figures
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.rotation_cuts import codes_in

GROUPED = re.compile(r"^ *\d+  ([A-Z2-9]{5}) ([A-Z2-9]{5})$", re.MULTILINE)
CODE = re.compile(r"^[A-Z2-9]{10}$", re.MULTILINE)
MAX_DELAY = 0.3
"""Seconds from the request's record to the signal, at most: a rotation ends within that."""

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Home:
    """A home folder with the built-in service, and the processes of the command in it.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        self._environment["HOME"] = str(folder)
        self._number = 0
        self.held = set(self._run("codes").stdout.split())
        self.figures: Counter[str] = Counter()

    def rotate_twice_at_once(self) -> list[str]:
        """Rotate in two processes at once, each with a file; return the false statements."""
        files = [self._new_file(), self._new_file()]
        before = set(codes_in(self._data))
        processes = [self._start("rotate", "--yes", "--save", str(file)) for file in files]
        said = [process.communicate()[1] for process in processes]
        live, false = set(codes_in(self._data)), []
        for process, file, words, others in zip(processes, files, said, reversed(said), strict=True):
            kept = _codes_in_file(file)
            self.held |= kept
            self.figures[f"pairs: exit {process.returncode}"] += 1
            if process.returncode == 0 and kept != live and str(file) not in others:
                false.append(f"{words}\nis called saved, and is dead; the other said:\n{others}")
            if process.returncode != 0 and "old codes no longer work" in words and live & before:
                false.append(f"exit {process.returncode}: {words}")
        if not any(_codes_in_file(file) == live for file in files):
            false.append(f"nobody holds the live set: {said}")
        return false

    def rotate_and_kill(self, seed: int) -> list[str]:
        """Rotate in a process, and send it a signal; return the false statements of the next start."""
        rng = random.Random(seed)
        file = self._new_file()
        process = self._start("rotate", "--yes", *rng.choice([(), ("--save", str(file))]))
        while process.poll() is None and not self._is_requested():
            time.sleep(0.002)
        time.sleep(rng.uniform(0, MAX_DELAY))
        if process.poll() is None:
            process.send_signal(rng.choice(SIGNALS))
        printed, words = process.communicate()
        self.figures[f"signals: exit {process.returncode}"] += 1
        self.held |= set(CODE.findall(printed)) | _codes_in_file(file)
        live = set(codes_in(self._data))
        status = json.loads(self._run("status", "--json").stdout)
        false = []
        if not live <= self.held:
            self.figures["signals: a set was made that nobody had seen"] += 1
            if not (status["rotationUnseen"] or status["rotationInDoubt"]):
                false.append(f"nobody holds the live set, and nothing says so: {words}\n{status}")
            if self._run("acknowledge").returncode == 0:
                false.append("a set that nobody holds is confirmed")
        elif status["rotationUnseen"] and process.returncode == 0:
            false.append(f"the set is called unseen: {status}")
        self.held |= set(self._run("codes").stdout.split())
        return false

    def _is_requested(self) -> bool:
        """Return whether the record says that a rotation is about to be sent."""
        records = (self._folder / ".local" / "state" / "mfa-tui" / "sets").glob("*.json")
        return any(b'"oldIsKnown":true' in record.read_bytes() for record in records)

    @property
    def _data(self) -> Path:
        return self._folder / ".local" / "share" / "mfa-tui"

    def _new_file(self) -> Path:
        self._number += 1
        return self._folder / f"codes-{self._number}.txt"

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "mfa_tui", *arguments]
        return subprocess.Popen(
            command, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mfa_tui", *arguments]
        return subprocess.run(command, env=self._environment, text=True, capture_output=True, check=False)


def _codes_in_file(file: Path) -> set[str]:
    return {"".join(groups) for groups in GROUPED.findall(file.read_text())} if file.exists() else set()


@contextmanager
def home() -> Iterator[Home]:
    """Open a home in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        yield Home(Path(name))


def main() -> None:
    """Run the pairs and the signals, and print the figures and the false statements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--signals", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    with home() as opened:
        false = [words for _ in range(asked.pairs) for words in opened.rotate_twice_at_once()]
        false += [words for turn in range(asked.signals) for words in opened.rotate_and_kill(asked.seed + turn)]
        print(f"seed {asked.seed}", dict(opened.figures), f"false statements: {len(false)}", *false, sep="\n")  # noqa: T201 - prints its result


if __name__ == "__main__":
    main()
