"""The authenticator apps of an account: registering one, listing, the default, removing one."""

from mfa_tui import wire
from mfa_tui.account.account import Account
from mfa_tui.account.challenge import TypedCode


async def register(account: Account) -> wire.TotpRegistration:
    """Register an authenticator app. It counts once its first code is confirmed.

    Raises:
        ElevationRequired: It takes a step-up.
        DynamicError: The service refused, as it does where an app is confirmed already, or did not answer.
    """
    return await account.client.register_totp_mfa_device(account.token, account.consume_step_up())


async def confirm(account: Account, registration: wire.TotpRegistration, typed: TypedCode) -> None:
    """Confirm a registered app with its first code.

    Raises:
        DynamicError: The code is not right, or the service did not answer.
    """
    answer = await account.client.authenticate_totp_mfa_device(account.token, typed.code, device_id=registration.id)
    account.begin_from(answer)


async def devices(account: Account) -> tuple[wire.MfaDevice, ...]:
    """Return the account's factors.

    Raises:
        DynamicError: The service refused, or did not answer.
    """
    return (await account.client.get_mfa_devices(account.token)).devices


async def make_default(account: Account, device: wire.MfaDevice) -> None:
    """Make this the factor that is asked for first.

    Raises:
        DynamicError: The service refused, or did not answer.
    """
    await account.client.set_default_mfa_device(account.token, device.id)


async def remove(account: Account, device: wire.MfaDevice) -> None:
    """Remove a factor.

    Raises:
        ElevationRequired: It takes a step-up.
        DynamicError: The service refused, or did not answer.
    """
    await account.client.delete_mfa_device(account.token, device.id, account.consume_step_up())
