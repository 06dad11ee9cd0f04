"""Running a tool of the system: off the event loop, with a time limit, and with nothing of it on the screen."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

TIMEOUT = 3.0
"""Seconds that a tool may take, where nothing else is said."""


async def run_with_input(command: Sequence[str], text: str = "", patience: float | None = None) -> int | None:
    """Run a tool with `text` on its standard input; never in its arguments, which other users can read.

    Returns its exit status, or None where it could not be started or took too long; it is killed then. What
    it writes goes nowhere: a clipboard's tool may live on in the background, and with it a pipe that is read.
    """
    return (await _run(command, text, patience, DEVNULL))[0]


async def read_output(command: Sequence[str], patience: float | None = None) -> bytes | None:
    """Return what a tool writes to its standard output, or None where it failed or took too long."""
    status, output = await _run(command, "", patience, PIPE)
    return output if status == 0 else None


async def _run(command: Sequence[str], text: str, patience: float | None, stdout: int) -> tuple[int | None, bytes]:
    try:
        # In a session of its own: what it leaves in the background outlives the terminal, and can be killed with it.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=stdout, stderr=DEVNULL, start_new_session=True
        )
    except OSError:
        return None, b""
    try:
        async with asyncio.timeout(patience or TIMEOUT):
            output, _ = await process.communicate(text.encode())
    except TimeoutError:
        return None, b""
    finally:
        if process.returncode is None:
            _kill(process)
            await process.wait()
    return process.returncode, output or b""


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
