"""Adding, choosing and removing authenticator apps."""

from functools import partial

from mfa_tui.account.account import Account
from mfa_tui.account.devices import device_name
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.typed_code import parse_code
from mfa_tui.client.errors import InvalidCodeError
from mfa_tui.protocol import models
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, Confirmation, PromptUI


async def list_devices(account: Account, ui: UI) -> tuple[models.MfaDevice, ...]:
    """Return the devices of the account.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    return await account.with_step_up(account.get_mfa_devices, partial(ui.step_up, account))


async def add_authenticator(account: Account, ui: PromptUI) -> bool:
    """Register an app, show its key, and confirm it with its first code; return whether it was added.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    ui.show_progress(messages.REGISTERING)
    registration = await account.with_step_up(account.register_totp_mfa_device, partial(ui.step_up, account))
    ui.show_key(registration.secret)
    while code := await ui.read_secret(messages.FIRST_CODE_LABEL):
        try:
            await account.confirm_totp_mfa_device(registration, parse_code(code.reveal()))
        except (InvalidCodeInputError, InvalidCodeError) as error:
            ui.show(error)
        else:
            ui.show(messages.AUTHENTICATOR_ADDED)
            return True
    ui.show(messages.AUTHENTICATOR_NOT_ADDED)
    return False


async def make_default(account: Account, ui: UI, device: models.MfaDevice) -> None:
    """Make a device the default.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    await account.with_step_up(partial(account.set_default_mfa_device, device), partial(ui.step_up, account))
    ui.show(f"{device_name(device)} is now the default.")


async def remove(account: Account, ui: UI, device: models.MfaDevice) -> bool:
    """Remove a device if the user confirms; return whether it was removed.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    if not await ui.confirm(removal(device)):
        return False
    await account.with_step_up(partial(account.delete_mfa_device, device), partial(ui.step_up, account))
    ui.show(messages.AUTHENTICATOR_REMOVED)
    return True


def removal(device: models.MfaDevice) -> Confirmation:
    """Return the question before the removal of a device."""
    return Confirmation(
        question=f"Remove {device_name(device)}?",
        consequences=("Its codes stop working at once. Your recovery codes are unchanged.",),
        cancel="Keep it",
        confirm="Remove it",
        action="remove it",
    )
