"""The screens.

Those in `__all__` open on a key, and are imported then: a start would wait 8 ms for all of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfa_tui.tui.screens.browser_link import BrowserLinkScreen
    from mfa_tui.tui.screens.code_list import CodeListScreen
    from mfa_tui.tui.screens.factors import FactorsScreen
    from mfa_tui.tui.screens.help import HelpScreen
    from mfa_tui.tui.screens.profiles import ProfilesScreen
    from mfa_tui.tui.screens.prompt import PromptScreen
    from mfa_tui.tui.screens.save import SaveScreen
    from mfa_tui.tui.screens.verify_saved import VerifySavedScreen
    from mfa_tui.tui.screens.wait import TouchScreen
else:
    _MODULES = {
        "BrowserLinkScreen": "browser_link",
        "CodeListScreen": "code_list",
        "FactorsScreen": "factors",
        "HelpScreen": "help",
        "ProfilesScreen": "profiles",
        "PromptScreen": "prompt",
        "SaveScreen": "save",
        "TouchScreen": "wait",
        "VerifySavedScreen": "verify_saved",
    }

    def __getattr__(name: str) -> object:
        """Import a screen (PEP 562)."""
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


__all__ = [
    "BrowserLinkScreen",
    "CodeListScreen",
    "FactorsScreen",
    "HelpScreen",
    "ProfilesScreen",
    "PromptScreen",
    "SaveScreen",
    "TouchScreen",
    "VerifySavedScreen",
]
