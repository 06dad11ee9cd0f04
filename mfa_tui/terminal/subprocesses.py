"""Commands of the system, run off the event loop with a time limit and without output on the screen."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

from mfa_tui.timing import DEFAULT_TIMING


async def run_with_input(
    command: Sequence[str], text: str = "", time_limit: float = DEFAULT_TIMING.tool_timeout
) -> int | None:
    """Run a command with `text` on its standard input; never in its arguments, which other users can read.

    Returns its exit status, or None if it could not be started or took longer than `time_limit` seconds; then it is
    killed. Its output is discarded: a clipboard command may stay in the background, and would keep a pipe open.
    """
    return (await _run(command, text, time_limit, DEVNULL))[0]


async def read_output(command: Sequence[str], time_limit: float = DEFAULT_TIMING.tool_timeout) -> bytes | None:
    """Return the standard output of a command, or None if it failed or took too long."""
    status, output = await _run(command, "", time_limit, PIPE)
    return output if status == 0 else None


async def _run(command: Sequence[str], text: str, time_limit: float, stdout: int) -> tuple[int | None, bytes]:
    try:
        # In its own session: a child that it leaves in the background outlives the terminal, and can be killed with it.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=stdout, stderr=DEVNULL, start_new_session=True
        )
    except OSError:
        return None, b""
    try:
        async with asyncio.timeout(time_limit):
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
