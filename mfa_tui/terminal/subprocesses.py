"""Commands of the system, run off the event loop with a time limit and without output on the screen."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import NamedTuple

from mfa_tui.timing import DEFAULT_TIMING


class Ended(NamedTuple):
    """The end of a command. The status is None if it could not be started or took too long; then it was killed."""

    status: int | None = None
    output: bytes = b""
    errors: bytes = b""


async def run_with_input(
    command: Sequence[str], text: str = "", time_limit: float = DEFAULT_TIMING.tool_timeout
) -> int | None:
    """Run a command with `text` on its standard input, and return its exit status as in `Ended`.

    Its output is discarded: a clipboard command may stay in the background, and would keep a pipe open.
    """
    return (await _run(command, text.encode(), time_limit, DEVNULL, DEVNULL)).status


async def read_output(command: Sequence[str], time_limit: float = DEFAULT_TIMING.tool_timeout) -> bytes | None:
    """Return the standard output of a command, or None if it failed or took too long."""
    ended = await _run(command, b"", time_limit, PIPE, DEVNULL)
    return ended.output if ended.status == 0 else None


async def run(command: Sequence[str], content: bytes, time_limit: float, descriptors: Sequence[int] = ()) -> Ended:
    """Run a command with `content` on its standard input and these descriptors open, and return its outputs."""
    return await _run(command, content, time_limit, PIPE, PIPE, descriptors=descriptors)


async def run_on_terminal(command: Sequence[str], content: bytes) -> Ended:
    """Run a command as `run` does, without a time limit and on this terminal, where it may ask for a passphrase."""
    return await _run(command, content, None, PIPE, PIPE, on_terminal=True)


async def _run(  # noqa: PLR0913 - these are the options of a process
    command: Sequence[str],
    content: bytes,
    time_limit: float | None,
    stdout: int,
    stderr: int,
    *,
    on_terminal: bool = False,
    descriptors: Sequence[int] = (),
) -> Ended:
    """Run a command with `content` on its standard input; never in its arguments, which other users can read."""
    environment = dict(os.environ)
    if on_terminal and sys.stdin is not None and sys.stdin.isatty():
        environment.setdefault("GPG_TTY", os.ttyname(sys.stdin.fileno()))  # gpg-agent's password prompt appears there
    try:
        # In its own session: a child that it leaves in the background outlives the terminal, and can be killed with it.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            start_new_session=not on_terminal,
            pass_fds=tuple(descriptors),
        )
    except OSError:
        return Ended()
    try:
        async with asyncio.timeout(time_limit):
            output, errors = await process.communicate(content)
    except TimeoutError:
        return Ended()
    finally:
        if process.returncode is None:
            _kill(process, in_session=not on_terminal)
            await process.wait()
    return Ended(process.returncode, output or b"", errors or b"")


def _kill(process: Process, *, in_session: bool) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32" or not in_session:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
