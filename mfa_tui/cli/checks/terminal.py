"""What of the terminal matters to this program, and what to do where it is missing."""

import os
import shutil
import sys
from collections.abc import Mapping

from mfa_tui.cli.checks.result import CheckResult
from mfa_tui.terminal import capabilities, printer, subprocesses
from mfa_tui.terminal.capabilities import MIN_SIZE
from mfa_tui.terminal.clipboard.selection import BackendKind, Environment, choose_backend

_ROUTES = {
    BackendKind.DESKTOP: "this machine's own, which is read back",
    BackendKind.WAYLAND: "this machine's own, through wl-copy, whose answer is heeded",
    BackendKind.TMUX: "through tmux to the terminal around it, which does not say whether it took it",
    BackendKind.SCREEN: "through GNU screen to the terminal around it, which does not say whether it took it",
    BackendKind.TERMINAL: "through the terminal (OSC 52), which does not say whether it took it",
    BackendKind.NONE: "none",
}
_PASTE = "Paste once after copying, to see whether this terminal takes OSC 52."
_ROUTE_FIXES = {
    BackendKind.TMUX: _PASTE,
    BackendKind.SCREEN: _PASTE,
    BackendKind.TERMINAL: _PASTE,
    BackendKind.NONE: "Save codes to a file or print them; on a Linux desktop, install wl-clipboard, xclip or xsel.",
}


async def terminal_findings() -> list[CheckResult]:
    """Return the findings."""
    variables = os.environ
    return [
        _terminal(variables),
        _letters(),
        _colours(variables),
        _size(),
        _clipboard(),
        *await _tmux(variables),
        CheckResult(name="printer", found="lp" if printer.has_printer() else "none"),
    ]


def _terminal(variables: Mapping[str, str]) -> CheckResult:
    kind = variables.get("TERM") or "TERM is not set"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        fix = "Run mfa-tui in a terminal for the screens; over SSH, connect with ssh -t."
        return CheckResult(name="terminal", found=f"{kind}; stdin or stderr is no terminal", fix=fix)
    if not capabilities.can_move_its_cursor():
        fix = "Set TERM to what the terminal is, such as xterm-256color; until then there is the line mode."
        return CheckResult(name="terminal", found=f"{kind}: cannot move its cursor", fix=fix)
    return CheckResult(name="terminal", found=kind)


def _letters() -> CheckResult:
    if capabilities.is_utf8():
        return CheckResult(name="letters", found="UTF-8")
    return CheckResult(name="letters", found="no UTF-8 locale", fix="Set LANG to a UTF-8 locale, such as C.UTF-8.")


def _colours(variables: Mapping[str, str]) -> CheckResult:
    if variables.get("NO_COLOR"):
        return CheckResult(name="colours", found="none, as NO_COLOR asks")
    if variables.get("COLORTERM") in {"truecolor", "24bit"}:
        return CheckResult(name="colours", found="16 million")
    return CheckResult(name="colours", found="256" if "256" in variables.get("TERM", "") else "16 at most")


def _size() -> CheckResult:
    columns, lines = shutil.get_terminal_size()
    found = f"{columns} columns, {lines} lines"
    if columns >= MIN_SIZE.width and lines >= MIN_SIZE.height:
        return CheckResult(name="size", found=found)
    return CheckResult(name="size", found=found, fix=f"Make it {MIN_SIZE.width} by {MIN_SIZE.height} at least.")


def _clipboard() -> CheckResult:
    route = choose_backend(Environment.here())
    return CheckResult(name="clipboard", found=_ROUTES[route], fix=_ROUTE_FIXES.get(route))


async def _tmux(variables: Mapping[str, str]) -> list[CheckResult]:
    """Return what matters of tmux, in tmux.

    `load-buffer -w` reaches the terminal whatever `set-clipboard` is, but only where tmux thinks that the terminal
    has a clipboard (tried on tmux 3.3a).
    """
    if not variables.get("TMUX"):
        return []
    features = await _ask_tmux("display-message", "-p", "#{client_termfeatures}")
    focus = await _ask_tmux("show-options", "-gv", "focus-events")
    if features is None or focus is None:
        return [CheckResult(name="tmux", found="does not answer", fix="Look whether tmux is in PATH.")]
    clipboard = "clipboard" in features.split(",")
    return [
        CheckResult(
            name="tmux clipboard",
            found="handed on to the terminal" if clipboard else "not handed on to the terminal",
            fix=None if clipboard else "tmux set -as terminal-features ',*:clipboard', and attach anew.",
        ),
        CheckResult(
            name="tmux focus-events",
            found=focus,
            fix=None if focus == "on" else "tmux set -g focus-events on: then codes are covered when you look away.",
        ),
    ]


async def _ask_tmux(*command: str) -> str | None:
    output = await subprocesses.read_output(["tmux", *command])
    return None if output is None else output.decode(errors="replace").strip()
