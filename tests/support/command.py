"""Runs the command line in this process, as a script would: without a terminal, and with its output captured."""

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from mfa_tui import redaction
from mfa_tui.cli.main import main
from mfa_tui.client import transport
from tests.support.transport import READ, ROTATE, Fault, FaultyTransport, after, lost_after, lost_before

CODE = re.compile(r"\b[A-Z2-9]{10}\b")


@dataclass(frozen=True)
class CommandResult:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes on stdout."""
        return CODE.findall(self.out)


def run_command(*arguments: str, stdin: str | io.RawIOBase = "", **environment: str) -> CommandResult:
    """Run a command, with variables added to the environment, and restore the process's global state after it."""
    raw = io.BytesIO(stdin.encode()) if isinstance(stdin, str) else io.BufferedReader(stdin)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals() - {signal.SIGKILL}}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.TextIOWrapper(raw, "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        # It changes limits, hooks and the umask of the whole process; tests/terminal sees it in a real one.
        patch.setattr(redaction, "harden_process", lambda: None)
        try:
            code = main(arguments)
        except SystemExit as end:
            code = cast("int", end.code)
        finally:
            for number, handler in handlers.items():
                if signal.getsignal(number) is not handler:
                    signal.signal(number, handler)
    return CommandResult(int(code), *(stream.buffer.getvalue().decode() for stream in (out, err)))


def run_with_faults(faults: dict[str, Fault], *arguments: str, stdin: str = "") -> CommandResult:
    """Run a command over a faulty transport to the built-in service."""
    network = FaultyTransport()
    network.faults = faults
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "in_process", network.to)
        return run_command(*arguments, stdin=stdin)


def lost_rotation() -> dict[str, Fault]:
    """Return faults that let a rotation happen, lose its response, and let no request read the set back."""
    faults: dict[str, Fault] = {}
    faults[ROTATE] = after(lambda: faults.update({READ: lost_before}), lost_after)
    return faults


def run_process(*arguments: str, stdin: str = "") -> CommandResult:
    """Run the installed command in its own process."""
    command = [str(Path(sys.executable).with_name("mfa-tui")), *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)
    return CommandResult(done.returncode, done.stdout, done.stderr)


def confirm_codes() -> list[str]:
    """Confirm the codes of the built-in service and sign out, so that the next sign-in is challenged; return them."""
    codes = run_command("codes").codes
    assert run_command("acknowledge").code == 0
    assert run_command("logout").code == 0
    return codes


class Lines(io.RawIOBase):
    """Standard input that makes each line when it is read, such as the code from a mail that is sent in between."""

    def __init__(self, *lines: Callable[[], str]) -> None:
        self._lines = iter(lines)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        line = next(self._lines, lambda: None)()
        data = b"" if line is None else f"{line}\n".encode()
        buffer[: len(data)] = data
        return len(data)


def unmeasured() -> dict[str, str]:
    """Return the environment without the variables by which coverage measures a subprocess, and is imported in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))}
