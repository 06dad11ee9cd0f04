"""Which way leads to the person's clipboard from here: a pure function of the surroundings."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self


class BackendKind(Enum):
    """A way to the clipboard."""

    DESKTOP = auto()
    """This machine's own, through pyperclip: X11, macOS, Windows, WSL."""
    WAYLAND = auto()
    """This machine's own, through `wl-copy`."""
    TMUX = auto()
    """A buffer of tmux, which hands it on to the terminal around it."""
    SCREEN = auto()
    """OSC 52 to the terminal around GNU screen."""
    TERMINAL = auto()
    """OSC 52 to the terminal, wherever the person sits."""
    NONE = auto()
    """There is none."""

    @property
    def is_proven(self) -> bool:
        """Whether it is known if a text arrived."""
        return self in {BackendKind.DESKTOP, BackendKind.WAYLAND}


@dataclass(frozen=True)
class Environment:
    """What decides: the environment's variables, `sys.platform`, and which of `TOOLS` there are."""

    variables: Mapping[str, str]
    platform: str
    tools: frozenset[str]

    @classmethod
    def here(cls) -> Self:
        """Return the surroundings of this process."""
        return cls(os.environ, sys.platform, frozenset(tool for tool in TOOLS if shutil.which(tool)))

    def has_set(self, *names: str) -> bool:
        """Return whether any of the variables is set, and not empty."""
        return any(self.variables.get(name) for name in names)


TOOLS = ("tmux", "wl-copy", "wl-paste", "xclip", "xsel")

_DESKTOPS = ("darwin", "win32", "cygwin")

_WITHOUT_CLIPBOARD = ("linux", "vt", "dumb", "ansi", "cons", "sun", "unknown")
"""How TERM begins where no clipboard is behind it: consoles and terminals of glass."""


def choose_backend(around: Environment) -> BackendKind:
    """Return the way to the clipboard of the person who sits at the terminal."""
    # In SSH a native tool reaches the clipboard of the wrong machine, and succeeds.
    if not around.has_set("SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"):
        native = _native(around)
        if native is not BackendKind.NONE:
            return native
    # A multiplexer drops a plain OSC 52 without a word, so each has a way of its own.
    if around.has_set("TMUX"):
        return BackendKind.TMUX if "tmux" in around.tools else BackendKind.NONE
    if around.has_set("STY"):
        return BackendKind.SCREEN
    if around.variables.get("TERM", "").startswith(_WITHOUT_CLIPBOARD) or not around.has_set("TERM"):
        return BackendKind.NONE
    return BackendKind.TERMINAL


def _native(around: Environment) -> BackendKind:
    if around.platform in _DESKTOPS or around.has_set("WSL_DISTRO_NAME"):
        return BackendKind.DESKTOP
    if around.has_set("WAYLAND_DISPLAY") and {"wl-copy", "wl-paste"} <= around.tools:
        return BackendKind.WAYLAND
    if around.has_set("DISPLAY") and around.tools & {"xclip", "xsel"}:
        return BackendKind.DESKTOP
    return BackendKind.NONE
