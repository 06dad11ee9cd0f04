"""The full-screen interface. The screens in `__all__` work in any textual app that pushes them with an account.

Each is imported on first use, so that importing the package does not import textual.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfa_tui.tui.screens.challenge import ChallengeScreen
    from mfa_tui.tui.screens.codes import RecoveryCodesScreen
    from mfa_tui.tui.screens.rotate import RotateScreen
else:
    _MODULES = {
        "ChallengeScreen": "mfa_tui.tui.screens.challenge",
        "RecoveryCodesScreen": "mfa_tui.tui.screens.codes",
        "RotateScreen": "mfa_tui.tui.screens.rotate",
    }

    def __getattr__(name: str) -> object:
        """Import a screen (PEP 562)."""
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(import_module(_MODULES[name]), name)


__all__ = ["ChallengeScreen", "RecoveryCodesScreen", "RotateScreen"]
