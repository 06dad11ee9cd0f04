"""The authenticator apps of an account."""

from mfa_tui.account.challenge import ChallengeMethods
from mfa_tui.account.errors import AuthenticatorExistsError
from mfa_tui.account.typed_code import TypedCode
from mfa_tui.client.errors import NotSignedInError
from mfa_tui.protocol import models


class DeviceMethods(ChallengeMethods):
    """The operations of an account that list, add and remove authenticator apps."""

    async def get_mfa_devices(self) -> tuple[models.MfaDevice, ...]:
        """Return the registered authenticator apps and other devices, verified or not.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        return (await self._client.get_mfa_devices(self._token)).devices

    async def register_totp_mfa_device(self) -> models.TotpRegistration:
        """Register an authenticator app. It is a factor after `confirm_totp_mfa_device`.

        Returns:
            The key of the app, as text and as an `otpauth:` URI for a QR code.

        Raises:
            StepUpRequiredError: This needs a step-up.
            AuthenticatorExistsError: One exists already.
            ApiError: The service refused, or did not respond.
        """
        try:
            with self._consume_step_up_tokens() as tokens:
                return await self._client.register_totp_mfa_device(self._token, tokens)
        except NotSignedInError:
            # The service responds to a second app with 401 too; if the session is valid, that was the reason.
            await self._client.get_user(self._token)
            raise AuthenticatorExistsError from None

    async def confirm_totp_mfa_device(self, app: models.TotpRegistration | models.MfaDevice, typed: TypedCode) -> None:
        """Confirm a registered app with its first code.

        Raises:
            ApiError: The code is wrong, or the service did not respond.
        """
        response = await self._client.authenticate_totp_mfa_device(self._token, typed.code, device_id=app.id)
        await self._apply_response(response)

    async def set_default_mfa_device(self, device: models.MfaDevice) -> None:
        """Make a device the default.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        await self._client.set_default_mfa_device(self._token, device.id)

    async def delete_mfa_device(self, device: models.MfaDevice | models.TotpRegistration) -> None:
        """Remove a device, or an app that is not confirmed.

        Raises:
            StepUpRequiredError: This needs a step-up.
            ApiError: The service refused, or did not respond.
        """
        with self._consume_step_up_tokens() as tokens:
            await self._client.delete_mfa_device(self._token, device.id, tokens)
