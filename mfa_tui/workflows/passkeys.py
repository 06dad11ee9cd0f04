"""Using and adding a passkey, with a page that the user opens in a browser."""

import getpass
import os
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

from mfa_tui.account.account import Account
from mfa_tui.protocol.handoffs import Ceremony, Handoff, HandoffProgress
from mfa_tui.terminal import browser
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, BrowserLink

_SSH_PORT = "22"


async def use_passkey(account: Account, ui: UI, *, step_up: bool = False) -> bool:
    """Complete the pending challenge with a passkey, or step up with one; return whether that was done.

    Raises:
        MfaTuiError: It was not done; the subclass says why.
    """
    if not await _hand_off(account, ui, "authenticate", step_up=step_up):
        return False
    ui.show(messages.PASSKEY_ACCEPTED)
    return True


async def add_passkey(account: Account, ui: UI) -> bool:
    """Add a passkey; return whether that was done.

    Raises:
        MfaTuiError: It was not done; the subclass says why.
    """
    add = partial(_hand_off, account, ui, "register")
    if not await account.with_step_up(add, partial(ui.step_up, account)):
        return False
    ui.show(messages.PASSKEY_ADDED)
    return True


def tunnel_command(port: int) -> str:
    """Return the command for the user's own machine that makes a port of this one reachable there.

    `SSH_CONNECTION` has the addresses and ports of both ends (ssh(1)).
    """
    host, ssh_port = (os.environ.get("SSH_CONNECTION", "").split() + [""] * 4)[2:4]
    at_port = f" -p {ssh_port}" if ssh_port not in {"", _SSH_PORT} else ""
    return f"ssh -N -L {port}:127.0.0.1:{port}{at_port} {getpass.getuser()}@{host or 'HOST'}"


async def _hand_off(account: Account, ui: UI, ceremony: Ceremony, *, step_up: bool = False) -> bool:
    ui.show_progress(messages.REQUESTING_LINK)

    async def show(handoff: Handoff, wait: Callable[[], Awaitable[HandoffProgress]]) -> HandoffProgress | None:
        progress = await ui.show_link(_link(handoff), wait)
        if progress is not None:
            ui.show_progress(messages.CHECKING_PASSKEY)
        return progress

    return await account.hand_off(ceremony, show, step_up=step_up)


def _link(handoff: Handoff) -> BrowserLink:
    """Return the link of a hand-off, for the machine that the user sits at."""
    url = urlsplit(handoff.url.reveal())
    needs_tunnel = url.hostname == "localhost" and browser.is_over_ssh()
    tunnel = tunnel_command(url.port) if needs_tunnel and url.port else ""
    return BrowserLink(handoff.url, handoff.code, handoff.seconds, tunnel, browser.can_open())
