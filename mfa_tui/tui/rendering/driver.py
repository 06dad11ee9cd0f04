"""Textual's driver for this system, changed to leave no text on the terminal and to end without a pause."""

import shutil
import sys
from typing import Any

from mfa_tui.tui.rendering.screen_buffer import erase_sequence

if sys.platform == "win32":
    from textual.drivers.windows_driver import WindowsDriver as SystemDriver
else:
    import os
    import selectors
    from codecs import getincrementaldecoder

    from textual._xterm_parser import XTermParser
    from textual.drivers.linux_driver import LinuxDriver

    _TICK_SECONDS = 0.1
    """How often the parser is asked for keys that a pause ends, such as Esc. As textual has it."""

    class SystemDriver(LinuxDriver):
        """Textual's driver, with an input thread that ends at once: textual's own waits for up to 0.2 s.

        A byte that is not UTF-8 is replaced; in textual's own it ends the thread with an error.
        """

        def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as textual has it
            super().__init__(*arguments, **options)
            self._wakeup, self._waker = os.pipe()  # for the life of the process: the driver starts again after `fg`

        def start_application_mode(self) -> None:
            """Start, unless it runs: textual starts on SIGCONT, which also comes with a terminal's SIGHUP."""
            if self._key_thread is None or not self._key_thread.is_alive():
                super().start_application_mode()  # type: ignore[no-untyped-call]  # textual has not typed it

        def disable_input(self) -> None:
            """Wake the input thread, and wait for its end."""
            os.write(self._waker, b"\0")
            super().disable_input()
            os.read(self._wakeup, 1)

        def run_input_thread(self) -> None:
            """Read keys and the terminal's responses, and dispatch them as events."""
            parser = XTermParser(self._debug)
            decode = getincrementaldecoder("utf-8")(errors="replace").decode
            with selectors.DefaultSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                selector.register(self._wakeup, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    readable = {key.fd for key, _ in selector.select(_TICK_SECONDS)}
                    if self.fileno in readable:
                        typed = decode(os.read(self.fileno, 4096))
                        for event in parser.feed(typed) if typed else ():  # nothing: the terminal has hung up
                            self.process_message(event)
                    for event in parser.tick():
                        self.process_message(event)


class ErasingDriver(SystemDriver):
    """Erases the screen when the program ends or is suspended.

    Not every terminal has an alternate screen: GNU screen has none by default, and tmux's can be turned off. On these,
    the last frame would stay on the main screen.
    """

    def stop_application_mode(self) -> None:
        """Erase the screen, and restore the terminal's state."""
        self.write(erase_sequence(shutil.get_terminal_size().lines))
        super().stop_application_mode()
