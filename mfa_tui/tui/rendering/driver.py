"""Textual's driver for this system, which here leaves nothing behind on the terminal."""

import shutil
import sys

from mfa_tui.tui.rendering.screen_buffer import erase_sequence

if sys.platform == "win32":
    from textual.drivers.windows_driver import WindowsDriver as SystemDriver
else:
    from textual.drivers.linux_driver import LinuxDriver as SystemDriver


class ErasingDriver(SystemDriver):
    """Erases the screen before it hands the terminal back: when the program ends, and when it is suspended.

    Not every terminal has a second screen to leave: GNU screen has none by default, tmux's can be switched off.
    What was drawn stays there on the one that it has.
    """

    def stop_application_mode(self) -> None:
        """Erase the screen, and restore the terminal's state."""
        self.write(erase_sequence(shutil.get_terminal_size().lines))
        super().stop_application_mode()
