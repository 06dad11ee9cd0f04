"""Using and adding a passkey: one of a security key in this machine, or any in a browser."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

from mfa_tui.account.account import Account
from mfa_tui.protocol.handoffs import Ceremony, Handoff, HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.terminal import browser, security_keys
from mfa_tui.terminal.security_keys import PasskeysNotInstalledError, SecurityKeys
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, BrowserLink, Confirmation

_SSH_PORT = "22"

_KEY_FOUND = Confirmation(
    question="Use the security key in this machine?",
    consequences=(messages.KEY_IN_OTHER_PLACE,),
    cancel="Use a browser",
    confirm="Use the key",
    action="use the key",
)


async def use_passkey(account: Account, ui: UI, *, step_up: bool = False) -> bool:
    """Complete the pending challenge with a passkey, or step up with one; return whether that was done.

    Raises:
        MfaTuiError: It was not done; the subclass says why.
    """
    keys = await _choose_keys(account, ui)
    if keys is None:
        done = await _hand_off(account, ui, "authenticate", step_up=step_up)
    else:
        options = await account.get_passkey_request_options()
        used = await ui.wait_for_key(partial(keys.use, options))
        if done := used is not None:
            ui.show_progress(messages.CHECKING_PASSKEY)
            await account.authenticate_passkey_mfa(used, step_up=step_up)
    if done:
        ui.show(messages.PASSKEY_ACCEPTED)
    return done


async def add_passkey(account: Account, ui: UI) -> bool:
    """Add a passkey; return whether that was done.

    Raises:
        MfaTuiError: It was not done; the subclass says why.
    """
    keys = await _choose_keys(account, ui)
    if keys is None:
        done = await account.with_step_up(partial(_hand_off, account, ui, "register"), partial(ui.step_up, account))
    else:
        done = await _add_from_key(account, ui, keys)
    if done:
        ui.show(messages.PASSKEY_ADDED)
    return done


def tunnel_command(port: int) -> str:
    """Return the command for the user's own machine that makes a port of this one reachable there.

    `SSH_CONNECTION` has the addresses and ports of both ends (ssh(1)).
    """
    host, ssh_port = (os.environ.get("SSH_CONNECTION", "").split() + [""] * 4)[2:4]
    at_port = f" -p {ssh_port}" if ssh_port not in {"", _SSH_PORT} else ""
    return f"ssh -N -L {port}:127.0.0.1:{port}{at_port} {getpass.getuser()}@{host or 'HOST'}"


async def _choose_keys(account: Account, ui: UI) -> SecurityKeys | None:
    """Return the security keys in this machine, if there are any and the user wants to use one.

    Over SSH they would be those of the machine at the other end.

    Raises:
        PasskeysNotInstalledError: The built-in service cannot check passkeys.
    """
    if account.profile.is_built_in and not security_keys.IS_AVAILABLE:
        raise PasskeysNotInstalledError
    if browser.is_over_ssh():
        return None
    found = await asyncio.to_thread(security_keys.find_keys)
    if not found or not await ui.confirm(_KEY_FOUND):
        return None

    async def read_pin(attempts_left: int) -> Secret | None:
        return await ui.read_secret(messages.pin_label(attempts_left))

    return SecurityKeys(found, account.passkey_origin, read_pin)


async def _add_from_key(account: Account, ui: UI, keys: SecurityKeys) -> bool:
    created = await ui.wait_for_key(partial(keys.create, await account.get_passkey_creation_options()))
    if created is None:
        return False
    ui.show_progress(messages.CHECKING_PASSKEY)
    # Only this is repeated after a step-up: the key would make a second passkey.
    await account.with_step_up(partial(account.register_passkey, created), partial(ui.step_up, account))
    return True


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
