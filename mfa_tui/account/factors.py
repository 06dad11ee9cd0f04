"""The authenticator apps of an account: registering one, listing, the default, removing one."""

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.challenge import TypedCode
from mfa_tui.client.errors import NotSignedInError
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models


class HasAppError(MfaTuiError):
    """The service takes one authenticator app, and there is one."""

    def __init__(self) -> None:
        super().__init__(
            "There is an authenticator app already, and the service takes only one.",
            impact="Your recovery codes and the app are as they were.",
            hint="Remove the app first; then add the other.",
        )


async def register(account: Account) -> models.TotpRegistration:
    """Register an authenticator app. It counts once its first code is confirmed.

    Raises:
        StepUpRequiredError: It takes a step-up.
        HasAppError: There is one already.
        ApiError: The service refused, or did not answer.
    """
    try:
        with account.consume_step_up() as step_up:
            return await account.client.register_totp_mfa_device(account.token, step_up)
    except NotSignedInError:
        # The service says 401 to a second app too: where the session is good, that is why.
        await account.client.get_user(account.token)
        raise HasAppError from None


async def confirm(account: Account, registration: models.TotpRegistration, typed: TypedCode) -> None:
    """Confirm a registered app with its first code.

    Raises:
        ApiError: The code is not right, or the service did not answer.
    """
    answer = await account.client.authenticate_totp_mfa_device(account.token, typed.code, device_id=registration.id)
    account.begin_from(answer)


async def devices(account: Account) -> tuple[models.MfaDevice, ...]:
    """Return the account's factors.

    Raises:
        ApiError: The service refused, or did not answer.
    """
    return (await account.client.get_mfa_devices(account.token)).devices


async def make_default(account: Account, device: models.MfaDevice) -> None:
    """Make this the factor that is asked for first.

    Raises:
        ApiError: The service refused, or did not answer.
    """
    await account.client.set_default_mfa_device(account.token, device.id)


async def remove(account: Account, device: models.MfaDevice) -> None:
    """Remove a factor.

    Raises:
        StepUpRequiredError: It takes a step-up.
        ApiError: The service refused, or did not answer.
    """
    with account.consume_step_up() as step_up:
        await account.client.delete_mfa_device(account.token, device.id, step_up)


def name(device: models.MfaDevice) -> str:
    """Return a factor's name for people."""
    alias = device.alias if isinstance(device.alias, str) else ""
    return sanitize.one_line(alias, 28) or {"totp": "Authenticator app", "passkey": "Passkey"}.get(
        device.type, "Factor"
    )
