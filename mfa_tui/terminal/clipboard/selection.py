"""The choice of the clipboard backend: a pure function of the environment."""

import os
import shutil
import sys
from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple, Self

from mfa_tui.terminal.capabilities import SSH_VARIABLES


class BackendKind(Enum):
    """A kind of clipboard backend."""

    DESKTOP = auto()
    """This machine's clipboard, through pyperclip: X11, macOS, Windows, WSL."""
    WAYLAND = auto()
    """This machine's clipboard, through `wl-copy`."""
    TMUX = auto()
    """A buffer of tmux, which forwards it to the outer terminal."""
    SCREEN = auto()
    """OSC 52, through GNU screen to the outer terminal."""
    TERMINAL = auto()
    """OSC 52 to the terminal, on whichever machine it runs."""
    NONE = auto()
    """No clipboard."""

    @property
    def is_proven(self) -> bool:
        """Whether the backend knows if a text arrived."""
        return self in {BackendKind.DESKTOP, BackendKind.WAYLAND}


class Environment(NamedTuple):
    """The input of the choice: environment variables, `sys.platform`, and the installed ones of `TOOLS`."""

    variables: Mapping[str, str]
    platform: str
    tools: frozenset[str]

    @classmethod
    def here(cls) -> Self:
        """Return the environment of this process."""
        return cls(os.environ, sys.platform, frozenset(tool for tool in TOOLS if shutil.which(tool)))

    def has_set(self, *names: str) -> bool:
        """Return whether any of the variables is set and not empty."""
        return any(self.variables.get(name) for name in names)


TOOLS = ("tmux", "wl-copy", "wl-paste", "xclip", "xsel")

_DESKTOPS = ("darwin", "win32", "cygwin")

_WITHOUT_CLIPBOARD = ("linux", "vt", "dumb", "ansi", "cons", "sun", "unknown")
"""Prefixes of TERM for terminals without a clipboard: consoles and hardware terminals."""


def choose_backend(environment: Environment) -> BackendKind:
    """Return the backend that reaches the clipboard of the user at the terminal."""
    # In an SSH session a native tool fills the clipboard of the wrong machine, and succeeds.
    if not environment.has_set(*SSH_VARIABLES):
        native = _native(environment)
        if native is not BackendKind.NONE:
            return native
    # A multiplexer silently drops a plain OSC 52, so each has its own backend.
    if environment.has_set("TMUX"):
        return BackendKind.TMUX if "tmux" in environment.tools else BackendKind.NONE
    if environment.has_set("STY"):
        return BackendKind.SCREEN
    if environment.variables.get("TERM", "").startswith(_WITHOUT_CLIPBOARD) or not environment.has_set("TERM"):
        return BackendKind.NONE
    return BackendKind.TERMINAL


def _native(environment: Environment) -> BackendKind:
    if environment.platform in _DESKTOPS or environment.has_set("WSL_DISTRO_NAME"):
        return BackendKind.DESKTOP
    if environment.has_set("WAYLAND_DISPLAY") and {"wl-copy", "wl-paste"} <= environment.tools:
        return BackendKind.WAYLAND
    if environment.has_set("DISPLAY") and environment.tools & {"xclip", "xsel"}:
        return BackendKind.DESKTOP
    return BackendKind.NONE
