"""A small process that clears the clipboard when its time is over, even if the program was killed.

It holds no code: it compares the clipboard with a salted digest, which it gets on a pipe, and leaves another text
alone. The digest is slow to compute, so that a code cannot be found from it by guessing. A terminal's own clipboard
cannot be read, so it has no such process.
"""

import asyncio
import contextlib
import hashlib
import hmac
import os
import secrets
import subprocess
import sys
import time
from typing import Self

from mfa_tui.terminal import subprocesses
from mfa_tui.terminal.clipboard.backends import BUFFER, create_backend
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import DEFAULT_TIMING

_SALT_BYTES = 32

_READ = {
    BackendKind.TMUX: ("tmux", "show-buffer", "-b", BUFFER),
    BackendKind.WAYLAND: ("wl-paste", "--no-newline"),
}


class ClipboardGuard:
    """The process, while it waits."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @classmethod
    def start(cls, kind: BackendKind, text: str, seconds: float) -> Self | None:
        """Start a process that clears this text after some seconds; blocks for about 0.1 s.

        Returns None if the clipboard cannot be read, or if the process cannot be started.
        """
        if os.name != "posix" or kind not in {*_READ, BackendKind.DESKTOP}:
            return None
        salt = secrets.token_bytes(_SALT_BYTES)
        try:
            # In its own session, which the end of the terminal does not end. -P: nothing is imported from the current
            # folder.
            process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-P", "-m", __name__, kind.name, str(seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return None
        if process.stdin is not None:
            with contextlib.suppress(OSError), process.stdin:  # it may have ended already
                process.stdin.write(salt + _digest(salt, text))
        return cls(process)

    def stop(self) -> None:
        """End the process: the clipboard is cleared, or holds another text."""
        self._process.kill()
        self._process.wait()


def _digest(salt: bytes, text: str) -> bytes:
    # Tools may change the line feeds of a text.
    lines = "\n".join(text.splitlines())
    return hashlib.scrypt(lines.encode(), salt=salt, n=2**14, r=8, p=1)


async def _read(kind: BackendKind) -> str:
    if kind is BackendKind.DESKTOP:
        import pyperclip  # noqa: PLC0415 - not every kind needs it

        return str(await asyncio.to_thread(pyperclip.paste))
    content = await subprocesses.read_output(_READ[kind], DEFAULT_TIMING.tool_timeout)
    return (content or b"").decode(errors="replace")


async def _clear_if_unchanged(kind: BackendKind, salt: bytes, digest: bytes) -> None:
    text = await _read(kind)
    if hmac.compare_digest(_digest(salt, text), digest):
        await create_backend(kind, lambda _: None, DEFAULT_TIMING.tool_timeout).clear(text)


def _main(kind: str, seconds: str) -> None:
    handed_over = sys.stdin.buffer.read()
    time.sleep(float(seconds))
    asyncio.run(_clear_if_unchanged(BackendKind[kind], handed_over[:_SALT_BYTES], handed_over[_SALT_BYTES:]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
