"""The passkeys of an account."""

from mfa_tui import sanitize
from mfa_tui.account.challenge import STEP_UP_SCOPES
from mfa_tui.account.devices import DeviceMethods
from mfa_tui.protocol import models
from mfa_tui.protocol.passkeys import AuthenticatePasskey, RegisterPasskey

MAX_NAME_LENGTH = 64
"""Characters of a passkey's name. Source: the built-in service; the vendor documents no limit."""


class PasskeyMethods(DeviceMethods):
    """The operations of an account that list, rename and remove passkeys, and send the data that one has signed."""

    async def get_passkeys(self) -> tuple[models.UserPasskey, ...]:
        """Return the user's passkeys.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        return (await self._client.get_passkeys(self._token)).passkeys

    async def rename_passkey(self, passkey: models.UserPasskey, name: str) -> None:
        """Give a passkey another name; an empty one removes its name.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        await self._client.rename_passkey(self._token, passkey.id, sanitize.one_line(name.strip(), MAX_NAME_LENGTH))

    async def delete_passkey(self, passkey: models.UserPasskey) -> None:
        """Remove a passkey.

        Raises:
            StepUpRequiredError: This needs a step-up.
            ApiError: The service refused, or did not respond.
        """
        with self._consume_step_up_tokens() as tokens:
            await self._client.delete_passkey(self._token, passkey.id, tokens)

    async def register_passkey(self, created: RegisterPasskey) -> None:
        """Register a passkey that an authenticator has created; this also completes a pending challenge.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        with self._consume_step_up_tokens() as tokens:
            response = await self._client.register_passkey(self._token, created, tokens)
        await self._apply_response(response)

    async def authenticate_passkey_mfa(self, used: AuthenticatePasskey, *, step_up: bool = False) -> None:
        """Complete the pending challenge with a passkey, or step up with one.

        Args:
            used: The data that the passkey has signed.
            step_up: Whether to get tokens for a protected action instead of completing a challenge.

        Raises:
            InvalidPasskeyError: It is of another account, or was removed or copied.
            ApiError: The service refused, or did not respond.
        """
        scopes = STEP_UP_SCOPES if step_up else ()
        response = await self._client.authenticate_passkey_mfa(self._token, used, step_up_for=scopes)
        await self._apply_response(response)
