"""The menu of authenticator apps."""

from mfa_tui.account.account import Account
from mfa_tui.account.devices import device_name
from mfa_tui.line_mode.line_ui import LineUI
from mfa_tui.protocol import models
from mfa_tui.workflows import devices, messages


async def manage_devices(account: Account, ui: LineUI) -> None:
    """List the apps, and add, choose or remove one until the user goes back.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    while True:
        found = await devices.list_devices(account, ui)
        ui.print_lines(*(_line(device) for device in found) if found else ("No authenticator app exists yet.",))
        actions = [f"{action} {device_name(device)}" for device in found for action in ("Make default:", "Remove:")]
        chosen = ui.ask(messages.WHAT_NEXT, ("Back to the codes", "Add an app", *actions))
        if chosen == 0:
            return
        if chosen == 1:
            await devices.add_authenticator(account, ui)
        elif chosen % 2:
            await devices.remove(account, ui, found[(chosen - 2) // 2])
        else:
            await devices.make_default(account, ui, found[(chosen - 2) // 2])


def _line(device: models.MfaDevice) -> str:
    state = ", default" if device.default else "" if device.verified else ", not confirmed"
    return f"{device_name(device)}, since {device.created_at[:10]}{state}."
