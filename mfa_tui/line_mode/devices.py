"""The authenticator apps of the account: adding one, the default, removing one."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.devices import device_name
from mfa_tui.account.typed_code import parse_code
from mfa_tui.line_mode.attempt import attempt
from mfa_tui.line_mode.dialog import choose, confirm, say, telling
from mfa_tui.line_mode.spelling import Spelling
from mfa_tui.protocol import models
from mfa_tui.terminal import console

_GROUP = 4


async def manage_devices(account: Account) -> None:
    """List the apps, and do with them what the person chooses.

    Raises:
        MfaTuiError: The service refused, or did not answer.
    """
    while True:
        devices = await attempt(account, account.get_mfa_devices)
        say(*(_line(device) for device in devices) if devices else ("There is no authenticator app yet.",))
        things = [f"{verb} {device_name(device)}" for device in devices for verb in ("Make default:", "Remove:")]
        chosen = choose("What next?", ("Back to the codes", "Add an app", *things))
        if chosen == 0:
            return
        if chosen == 1:
            await enrol(account)
            continue
        device = devices[(chosen - 2) // 2]
        await (_remove(account, device) if chosen % 2 else _make_default(account, device))


async def enrol(account: Account) -> None:
    """Add an app: give its key, and take its first code.

    Raises:
        MfaTuiError: The service refused, or did not answer.
    """
    say("Asking for a key.")
    registration = await attempt(account, account.register_totp_mfa_device)
    key = registration.secret.reveal()
    groups = [key[at : at + _GROUP] for at in range(0, len(key), _GROUP)]
    say("Type this key into your app, without the spaces:")
    console.print_text(" ".join(groups))
    if choose("Shall it be spelled?", ("No", "Yes")) == 1:
        spelling = Spelling(key)
        say(spelling.case, *(spelling.of(group) for group in groups))
    confirmed = False
    while not confirmed:
        secret = console.read_secret(
            "Type the code that the app shows now, which does not show here, or nothing to stop: "
        )
        if not secret:
            say("The app was not added.")
            return
        with telling():
            await account.confirm_totp_mfa_device(registration, parse_code(secret.reveal()))
            confirmed = True
    say("The app is added: it can pass a challenge from now on.")


async def _make_default(account: Account, device: models.MfaDevice) -> None:
    await attempt(account, partial(account.set_default_mfa_device, device))
    say(f"{device_name(device)} is the one that is asked for first.")


async def _remove(account: Account, device: models.MfaDevice) -> None:
    say("Its codes stop working at once. Your recovery codes are as they were.")
    if confirm(f"Remove {device_name(device)}?", stay="Keep it", go_on="Remove it"):
        await attempt(account, partial(account.delete_mfa_device, device))
        say("It is removed.")


def _line(device: models.MfaDevice) -> str:
    state = ", asked for first" if device.default else "" if device.verified else ", not confirmed"
    return f"{device_name(device)}, since {device.created_at[:10]}{state}."
