"""The clipboard backend for each environment: a table."""

import pytest

from mfa_tui.terminal.clipboard.selection import BackendKind, Environment, choose_backend

LINUX = "linux"
X11 = {"DISPLAY": ":0"}
WAYLAND = {"WAYLAND_DISPLAY": "wayland-0"}
SSH = {"SSH_TTY": "/dev/pts/3", "SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 22"}
TMUX = {"TMUX": "/tmp/tmux-1000/default,42,0", "TERM": "tmux-256color"}
SCREEN = {"STY": "42.pts-0.host", "TERM": "screen.xterm-256color"}
ALL = frozenset({"tmux", "wl-copy", "wl-paste", "xclip", "xsel"})
NONE: frozenset[str] = frozenset()

TABLE: dict[str, tuple[BackendKind, dict[str, str], str, frozenset[str]]] = {
    "X11 with xclip": (BackendKind.DESKTOP, X11, LINUX, frozenset({"xclip"})),
    "X11 with xsel": (BackendKind.DESKTOP, X11, LINUX, frozenset({"xsel"})),
    "X11 with neither": (BackendKind.TERMINAL, X11, LINUX, NONE),
    "macOS": (BackendKind.DESKTOP, {}, "darwin", NONE),
    "Windows": (BackendKind.DESKTOP, {"TERM": ""}, "win32", NONE),
    "WSL": (BackendKind.DESKTOP, {"WSL_DISTRO_NAME": "Debian"}, LINUX, NONE),
    "WSL with its own Wayland": (BackendKind.DESKTOP, {"WSL_DISTRO_NAME": "Debian"} | WAYLAND, LINUX, ALL),
    "Wayland": (BackendKind.WAYLAND, WAYLAND, LINUX, ALL),
    "Wayland that can copy and not paste": (BackendKind.TERMINAL, WAYLAND, LINUX, frozenset({"wl-copy"})),
    "Wayland with X11's tools alone": (BackendKind.DESKTOP, WAYLAND | X11, LINUX, frozenset({"xclip"})),
    "Wayland without tools": (BackendKind.TERMINAL, WAYLAND, LINUX, NONE),
    "SSH": (BackendKind.TERMINAL, SSH, LINUX, ALL),
    "SSH to a desktop": (BackendKind.TERMINAL, SSH | X11 | WAYLAND, LINUX, ALL),
    "SSH to a Mac": (BackendKind.TERMINAL, SSH, "darwin", NONE),
    "SSH to WSL": (BackendKind.TERMINAL, SSH | {"WSL_DISTRO_NAME": "Debian"}, LINUX, NONE),
    "SSH known by SSH_CLIENT alone": (BackendKind.TERMINAL, X11 | {"SSH_CLIENT": "10.0.0.2 1 22"}, LINUX, ALL),
    "tmux over SSH": (BackendKind.TMUX, SSH | TMUX, LINUX, ALL),
    "tmux over SSH to a desktop": (BackendKind.TMUX, SSH | TMUX | X11, LINUX, ALL),
    "tmux on a desktop": (BackendKind.DESKTOP, TMUX | X11, LINUX, ALL),
    "tmux on a console": (BackendKind.TMUX, TMUX, LINUX, ALL),
    "tmux that cannot be called": (BackendKind.NONE, SSH | TMUX, LINUX, NONE),
    "screen over SSH": (BackendKind.SCREEN, SSH | SCREEN, LINUX, ALL),
    "screen on a desktop": (BackendKind.DESKTOP, SCREEN | X11, LINUX, ALL),
    "tmux in screen": (BackendKind.TMUX, SSH | SCREEN | TMUX, LINUX, ALL),
    "a terminal without anything": (BackendKind.TERMINAL, {}, LINUX, NONE),
    "a Linux console": (BackendKind.NONE, {"TERM": "linux"}, LINUX, ALL),
    "a vt100 over SSH": (BackendKind.NONE, SSH | {"TERM": "vt100"}, LINUX, ALL),
    "an unknown terminal": (BackendKind.NONE, {"TERM": "unknown"}, LINUX, ALL),
    "no TERM": (BackendKind.NONE, {"TERM": ""}, LINUX, ALL),
    "variables that are empty": (
        BackendKind.TERMINAL,
        {"TMUX": "", "STY": "", "DISPLAY": "", "SSH_TTY": ""},
        LINUX,
        ALL,
    ),
}


@pytest.mark.parametrize("where", TABLE)
def test_environment_selects_the_backend(where: str) -> None:
    route, variables, platform, tools = TABLE[where]
    assert choose_backend(Environment({"TERM": "xterm-256color"} | variables, platform, tools)) is route
