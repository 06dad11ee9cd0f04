"""The browser of the user who sits at the terminal."""

import asyncio
import os
import sys
import webbrowser

from mfa_tui.redaction import Secret
from mfa_tui.terminal.capabilities import SSH_VARIABLES


def is_over_ssh() -> bool:
    """Return whether the user sits at another machine."""
    return any(os.environ.get(name) for name in SSH_VARIABLES)


def can_open() -> bool:
    """Return whether this program can open a browser on the user's desktop, and not in this terminal."""
    has_desktop = sys.platform in {"darwin", "win32"} or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    return has_desktop and not is_over_ssh()


async def open_page(url: Secret) -> bool:
    """Open a page, and return whether a browser took it.

    Other users of this machine can see the link among the browser's arguments. It works once, and whoever opens it
    gets nothing without the passkey.
    """
    try:
        return await asyncio.to_thread(webbrowser.open, url.reveal())
    except webbrowser.Error:
        return False
