"""A program on a pseudo-terminal: its screen, every byte that it sends, and its exit code."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pyte

if sys.platform != "win32":
    import termios

TIMEOUT = 20.0
"""Seconds after which a test stops waiting."""

KEYS = {"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "enter": "\r", "escape": "\x1b"}


class Program:
    """Runs a command on a pseudo-terminal of the given size, with a screen that shows its output."""

    def __init__(
        self, command: Sequence[str], size: tuple[int, int] = (80, 24), environment: dict[str, str] | None = None
    ) -> None:
        columns, lines = size
        # These describe the terminal that the tests themselves run on.
        other = ("TMUX", "SSH_", "COLUMNS", "LINES")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(other)}
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(lines, columns),
            env=inherited | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | (environment or {}),
            echo=False,
        )
        # By default pexpect sleeps 0.1 s after each step of the end.
        process = self.child.ptyproc  # type: ignore[attr-defined]  # the stubs do not have it
        process.delayafterclose = process.delayafterterminate = 0.05
        self.sent = b""
        """Every byte that the program has sent."""
        self.flags = 0
        """The terminal's local flags after the program has ended."""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        """The lines of the screen, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, *texts: str) -> str:
        """Wait until all the texts are on the screen, and return the screen."""
        return self.wait_until(lambda: all(text in self.text for text in texts), f"{texts} on the screen")

    def wait_until(self, condition: Callable[[], bool], description: str) -> str:
        """Wait until the condition holds, and return the screen."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {description}:\n{self.text}"
            if not self.read(0.05) and not self.child.isalive():
                assert condition(), f"ended before {description}:\n{self.text}"
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys: a name from `KEYS`, or a text to type."""
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def quit(self) -> int:
        """Quit by Ctrl+C, which asks again if codes are not confirmed, and return the exit code."""
        self.press("\x03")
        self.wait_until(lambda: "once more" in self.text or not self.child.isalive(), "the end or a question")
        if self.child.isalive():
            self.press("\x03")
        return self.end()

    def paste(self, text: str) -> None:
        """Paste, as a terminal does in bracketed mode."""
        self.child.send(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, lines: int) -> None:
        """Resize the terminal, and clear its screen."""
        self._screen.resize(lines, columns)
        self._screen.reset()
        self.child.setwinsize(lines, columns)

    def kill(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        assert self.child.pid is not None
        os.kill(self.child.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as a dropped connection does."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self.child.child_fd)
        os.close(nothing)

    def stall(self) -> None:
        """Stop the terminal's output, as a connection that hangs does."""
        terminal = os.open(Path(f"/proc/{self.child.pid}/fd/0").readlink(), os.O_RDWR | os.O_NOCTTY)
        termios.tcflow(terminal, termios.TCOOFF)
        os.close(terminal)

    def end(self) -> int:
        """Wait for the end of the program, and return its exit code as a shell does."""
        self.wait_until(lambda: not self.child.isalive(), "its end")
        while self.read():
            pass
        if sys.platform != "win32":
            self.flags = termios.tcgetattr(self.child.child_fd)[3]
        self.child.close()
        if self.child.signalstatus is not None:
            return 128 + self.child.signalstatus
        assert self.child.exitstatus is not None
        return self.child.exitstatus

    def close(self) -> None:
        """Kill the program if it still runs."""
        try:
            self.child.close(force=True)
        except pexpect.ExceptionPexpect:  # on a busy machine, a killed process may need longer than pexpect waits
            self.child.wait()
            self.child.close()

    def read(self, wait: float = 0.05) -> bool:
        """Read output, waiting up to `wait` seconds; return whether there was any."""
        try:
            data = self.child.read_nonblocking(65536, wait)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return False
        self.sent += data
        self._stream.feed(data)
        return True


def content_of(path: Path) -> str:
    """Wait until the file is not empty, and return its content."""
    deadline = time.monotonic() + TIMEOUT
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline, f"waited in vain for {path}"
        time.sleep(0.02)
    return path.read_text().strip()
