"""Which way leads to the person's clipboard: a table."""

import pytest

from mfa_tui.terminal.clipboard.plan import Route, Surroundings, plan

LINUX = "linux"
X11 = {"DISPLAY": ":0"}
WAYLAND = {"WAYLAND_DISPLAY": "wayland-0"}
SSH = {"SSH_TTY": "/dev/pts/3", "SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 22"}
TMUX = {"TMUX": "/tmp/tmux-1000/default,42,0", "TERM": "tmux-256color"}
SCREEN = {"STY": "42.pts-0.host", "TERM": "screen.xterm-256color"}
ALL = frozenset({"tmux", "wl-copy", "wl-paste", "xclip", "xsel"})
NONE: frozenset[str] = frozenset()

TABLE: dict[str, tuple[Route, dict[str, str], str, frozenset[str]]] = {
    "X11 with xclip": (Route.DESKTOP, X11, LINUX, frozenset({"xclip"})),
    "X11 with xsel": (Route.DESKTOP, X11, LINUX, frozenset({"xsel"})),
    "X11 with neither": (Route.TERMINAL, X11, LINUX, NONE),
    "macOS": (Route.DESKTOP, {}, "darwin", NONE),
    "Windows": (Route.DESKTOP, {"TERM": ""}, "win32", NONE),
    "WSL": (Route.DESKTOP, {"WSL_DISTRO_NAME": "Debian"}, LINUX, NONE),
    "WSL with its own Wayland": (Route.DESKTOP, {"WSL_DISTRO_NAME": "Debian"} | WAYLAND, LINUX, ALL),
    "Wayland": (Route.WAYLAND, WAYLAND, LINUX, ALL),
    "Wayland that can copy and not paste": (Route.TERMINAL, WAYLAND, LINUX, frozenset({"wl-copy"})),
    "Wayland with X11's tools alone": (Route.DESKTOP, WAYLAND | X11, LINUX, frozenset({"xclip"})),
    "Wayland without tools": (Route.TERMINAL, WAYLAND, LINUX, NONE),
    "SSH": (Route.TERMINAL, SSH, LINUX, ALL),
    "SSH to a desktop": (Route.TERMINAL, SSH | X11 | WAYLAND, LINUX, ALL),
    "SSH to a Mac": (Route.TERMINAL, SSH, "darwin", NONE),
    "SSH to WSL": (Route.TERMINAL, SSH | {"WSL_DISTRO_NAME": "Debian"}, LINUX, NONE),
    "SSH known by SSH_CLIENT alone": (Route.TERMINAL, X11 | {"SSH_CLIENT": "10.0.0.2 1 22"}, LINUX, ALL),
    "tmux over SSH": (Route.TMUX, SSH | TMUX, LINUX, ALL),
    "tmux over SSH to a desktop": (Route.TMUX, SSH | TMUX | X11, LINUX, ALL),
    "tmux on a desktop": (Route.DESKTOP, TMUX | X11, LINUX, ALL),
    "tmux on a console": (Route.TMUX, TMUX, LINUX, ALL),
    "tmux that cannot be called": (Route.NONE, SSH | TMUX, LINUX, NONE),
    "screen over SSH": (Route.SCREEN, SSH | SCREEN, LINUX, ALL),
    "screen on a desktop": (Route.DESKTOP, SCREEN | X11, LINUX, ALL),
    "tmux in screen": (Route.TMUX, SSH | SCREEN | TMUX, LINUX, ALL),
    "a terminal without anything": (Route.TERMINAL, {}, LINUX, NONE),
    "a Linux console": (Route.NONE, {"TERM": "linux"}, LINUX, ALL),
    "a vt100 over SSH": (Route.NONE, SSH | {"TERM": "vt100"}, LINUX, ALL),
    "an unknown terminal": (Route.NONE, {"TERM": "unknown"}, LINUX, ALL),
    "no TERM": (Route.NONE, {"TERM": ""}, LINUX, ALL),
    "variables that are empty": (Route.TERMINAL, {"TMUX": "", "STY": "", "DISPLAY": "", "SSH_TTY": ""}, LINUX, ALL),
}


@pytest.mark.parametrize("where", TABLE)
def test_the_way_to_the_clipboard(where: str) -> None:
    route, variables, platform, tools = TABLE[where]
    assert plan(Surroundings({"TERM": "xterm-256color"} | variables, platform, tools)) is route
