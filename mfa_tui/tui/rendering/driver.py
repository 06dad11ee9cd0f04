"""Textual's driver for this system, changed to leave no text on the terminal."""

import shutil
import sys

from mfa_tui.tui.rendering.screen_buffer import erase_sequence

if sys.platform == "win32":
    from textual.drivers.windows_driver import WindowsDriver as SystemDriver
else:
    from textual.drivers.linux_driver import LinuxDriver as SystemDriver


class ErasingDriver(SystemDriver):
    """Erases the screen when the program ends or is suspended.

    Not every terminal has an alternate screen: GNU screen has none by default, and tmux's can be turned off. On these,
    the last frame would stay on the main screen.
    """

    def stop_application_mode(self) -> None:
        """Erase the screen, and restore the terminal's state."""
        self.write(erase_sequence(shutil.get_terminal_size().lines))
        super().stop_application_mode()
