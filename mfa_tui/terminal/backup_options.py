"""How new codes can be kept from here, besides by hand."""

import os
from pathlib import Path

from mfa_tui.terminal import printer


def backup_options(*, by_clipboard: bool = False) -> list[str]:
    """Return the ways, as a sentence has them: `in a file`."""
    open_ways = {
        "in a file": os.access(Path.home(), os.W_OK),
        "on the clipboard": by_clipboard,
        "on paper": printer.has_printer(),
    }
    return [way for way, is_open in open_ways.items() if is_open]
