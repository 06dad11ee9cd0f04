"""Checks of the terminal, the clipboard and the printer."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping

from mfa_tui import formatting
from mfa_tui.cli.checks.result import CheckResult
from mfa_tui.terminal import browser, capabilities, security_keys, subprocesses
from mfa_tui.terminal.capabilities import MIN_SIZE
from mfa_tui.terminal.clipboard.selection import BackendKind, Environment, choose_backend

_BACKENDS = {
    BackendKind.DESKTOP: "this machine's own, which is read back",
    BackendKind.WAYLAND: "this machine's own, through wl-copy, with its exit status checked",
    BackendKind.TMUX: "through tmux to the outer terminal, which does not confirm it",
    BackendKind.SCREEN: "through GNU screen to the outer terminal, which does not confirm it",
    BackendKind.TERMINAL: "through the terminal (OSC 52), which does not confirm it",
    BackendKind.NONE: "none",
}
_PASTE = "Paste once after copying, to check that this terminal takes OSC 52."
_BACKEND_FIXES = {
    BackendKind.TMUX: _PASTE,
    BackendKind.SCREEN: _PASTE,
    BackendKind.TERMINAL: _PASTE,
    BackendKind.NONE: "Save codes to a file or print them; on a Linux desktop, install wl-clipboard, xclip or xsel.",
}


async def check_terminal() -> list[CheckResult]:
    """Return the results."""
    variables = os.environ
    return [
        _terminal(variables),
        _encoding(),
        _colours(variables),
        _size(),
        _clipboard(),
        *await _tmux(variables),
        CheckResult(name="printer", found="lp" if capabilities.has_printer() else "none"),
        await asyncio.to_thread(_security_key),
    ]


def _terminal(variables: Mapping[str, str]) -> CheckResult:
    kind = variables.get("TERM") or "TERM is not set"
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        fix = "Run mfa-tui in a terminal for the screens; over SSH, connect with ssh -t."
        return CheckResult(name="terminal", found=f"{kind}; stdin or stderr is not a terminal", fix=fix)
    if not capabilities.can_move_its_cursor():
        fix = "Set TERM to the type of the terminal, such as xterm-256color; until then, the line mode runs."
        return CheckResult(name="terminal", found=f"{kind}: cannot move its cursor", fix=fix)
    return CheckResult(name="terminal", found=kind)


def _encoding() -> CheckResult:
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
    backend = choose_backend(Environment.here())
    return CheckResult(name="clipboard", found=_BACKENDS[backend], fix=_BACKEND_FIXES.get(backend))


async def _tmux(variables: Mapping[str, str]) -> list[CheckResult]:
    """Return the results for tmux, if the program runs in it.

    `load-buffer -w` reaches the terminal for every value of `set-clipboard`, but only if tmux knows that the
    terminal has a clipboard (tested with tmux 3.3a).
    """
    if not variables.get("TMUX"):
        return []
    features = await _query_tmux("display-message", "-p", "#{client_termfeatures}")
    focus = await _query_tmux("show-options", "-gv", "focus-events")
    if features is None or focus is None:
        return [CheckResult(name="tmux", found="does not respond", fix="Check that tmux is in PATH.")]
    clipboard = "clipboard" in features.split(",")
    return [
        CheckResult(
            name="tmux clipboard",
            found="forwarded to the terminal" if clipboard else "not forwarded to the terminal",
            fix=None if clipboard else "tmux set -as terminal-features ',*:clipboard', and attach again.",
        ),
        CheckResult(
            name="tmux focus-events",
            found=focus,
            fix=None if focus == "on" else "tmux set -g focus-events on: then codes are hidden without focus.",
        ),
    ]


def _security_key() -> CheckResult:
    name = "security key"
    if browser.is_over_ssh():
        return CheckResult(name=name, found="not looked for over SSH: a passkey is used in your own browser")
    if not security_keys.IS_AVAILABLE:
        return CheckResult(name=name, found="passkeys are not installed", fix=f"{security_keys.INSTALL_COMMAND}")
    if closed := security_keys.find_closed_keys():
        rule = f"Write {security_keys.UDEV_RULE} into /etc/udev/rules.d/70-fido.rules, and plug it in again."
        return CheckResult(name=name, found=f"{closed[0]} may not be opened by this user", fix=rule)
    return CheckResult(name=name, found=formatting.count(len(security_keys.find_keys()), "key"))


async def _query_tmux(*command: str) -> str | None:
    output = await subprocesses.read_output(["tmux", *command])
    return None if output is None else output.decode(errors="replace").strip()
