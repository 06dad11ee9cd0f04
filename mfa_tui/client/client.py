"""The client of Dynamic's SDK API: one method for each endpoint, named as in the vendor's SDK."""

from collections.abc import Iterable
from typing import TypedDict

from msgspec import UNSET

from mfa_tui.client import endpoints
from mfa_tui.client.exchange import ClientBase
from mfa_tui.client.headers import NO_STEP_UP_TOKENS, StepUpTokens
from mfa_tui.protocol import handoffs, models, passkeys
from mfa_tui.protocol.set_fingerprint import SET_HEADER, set_fingerprint
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.protocol.user import SdkUser, UpdateUser, VerifyResponse
from mfa_tui.redaction import Secret


class DynamicClient(ClientBase):
    """A client for one environment of the API. It keeps no session: each method takes the token.

    Each method returns if the request is done. Otherwise it raises `NotSentError`, `OutcomeUnknownError`, or
    `RefusedError` or one of its subclasses.
    """

    async def get_settings(self) -> ProjectSettings:
        """Return the environment's settings. Requires no session."""
        return await self._send(endpoints.SETTINGS)

    async def create_email_verification(self, email: str) -> models.EmailVerification:
        """Have the service send a six-digit code to an address."""
        return await self._send(endpoints.CREATE_EMAIL_VERIFICATION, body=models.CreateEmailVerification(email=email))

    async def retry_email_verification(self, verification: models.EmailVerification) -> models.EmailVerification:
        """Have the service send a new code for the same verification."""
        body = models.RetryEmailVerification(email=verification.email, verification_uuid=verification.verification_uuid)
        return await self._send(endpoints.RETRY_EMAIL_VERIFICATION, body=body)

    async def sign_in_with_email(self, verification_uuid: str, code: Secret) -> VerifyResponse:
        """Sign in with the code from the mail."""
        body = models.SignInWithEmail(verification_uuid=verification_uuid, verification_token=code)
        return await self._send(endpoints.SIGN_IN_WITH_EMAIL, body=body)

    async def get_user(self, token: Secret) -> SdkUser:
        """Return the user of the session."""
        return await self._send(endpoints.USER, token)

    async def refresh(self, token: Secret) -> VerifyResponse:
        """Return a later token for a session that is still valid."""
        return await self._send(endpoints.REFRESH, token)

    async def revoke(self, token: Secret) -> None:
        """End the session."""
        await self._send(endpoints.REVOKE, token, headers={"x-dyn-logout-reason": "user-intent"})

    async def get_mfa_recovery_codes(self, token: Secret) -> models.RecoveryCodes:
        """Return the set of recovery codes; the service creates one if none exists."""
        return await self._send(endpoints.GET_RECOVERY_CODES, token)

    async def create_new_mfa_recovery_codes(
        self, token: Secret, *, replaces: Iterable[Secret] | None = None
    ) -> models.RecoveryCodes:
        """Rotate: create a new set. Every unused code of the old set stops working at once.

        `replaces` has the unused codes of the set that the caller believes valid. The built-in service raises
        `RecoveryCodesChangedError` if another set is; the hosted service does not check it.
        """
        return await self._send(endpoints.CREATE_NEW_RECOVERY_CODES, token, headers=_set_header(replaces, token))

    async def authenticate_mfa_recovery_code(
        self, token: Secret, code: Secret, *, step_up_for: tuple[models.TokenScope, ...] = ()
    ) -> VerifyResponse:
        """Use up a recovery code, to complete the pending challenge or to step up.

        `step_up_for` names the scopes of the elevated token to request, if any.
        """
        body = models.AuthenticateRecoveryCode(code=code, **_step_up_fields(step_up_for))
        return await self._send(endpoints.AUTHENTICATE_RECOVERY_CODE, token, body)

    async def authenticate_totp_mfa_device(
        self,
        token: Secret,
        code: Secret,
        *,
        device_id: str | None = None,
        step_up_for: tuple[models.TokenScope, ...] = (),
    ) -> VerifyResponse:
        """Use a code of an authenticator app, the default one unless named; this also confirms a new app."""
        named = UNSET if device_id is None else device_id
        body = models.AuthenticateTotp(code=code, id=named, **_step_up_fields(step_up_for))
        return await self._send(endpoints.AUTHENTICATE_TOTP, token, body)

    async def acknowledge_recovery_codes(
        self, token: Secret, step_up: StepUpTokens = NO_STEP_UP_TOKENS, *, shown: Iterable[Secret] | None = None
    ) -> VerifyResponse:
        """Confirm that the user has saved the codes.

        `shown` has the unused codes that the user was shown. The built-in service raises `RecoveryCodesChangedError`
        if another set is valid; the hosted service does not check it.
        """
        body = UpdateUser(mfa_backup_code_acknowledgement="complete")
        headers = step_up.headers() | _set_header(shown, token)
        return await self._send(endpoints.ACKNOWLEDGE_RECOVERY_CODES, token, body, headers=headers)

    async def get_mfa_methods(self, token: Secret) -> models.MfaMethods:
        """Return the verified factors of the user."""
        return await self._send(endpoints.METHODS, token)

    async def get_mfa_devices(self, token: Secret) -> models.MfaDevices:
        """Return the factors that the user has registered, verified or not."""
        return await self._send(endpoints.DEVICES, token)

    async def register_totp_mfa_device(
        self, token: Secret, step_up: StepUpTokens = NO_STEP_UP_TOKENS
    ) -> models.TotpRegistration:
        """Register an authenticator app; its first code confirms it."""
        return await self._send(endpoints.REGISTER_TOTP, token, headers=step_up.headers())

    async def set_default_mfa_device(self, token: Secret, device_id: str) -> None:
        """Make this the factor that the service asks for first."""
        await self._send(endpoints.SET_DEFAULT_DEVICE, token, resource_id=device_id)

    async def delete_mfa_device(self, token: Secret, device_id: str, step_up: StepUpTokens = NO_STEP_UP_TOKENS) -> None:
        """Remove a factor. Requires a step-up."""
        await self._send(endpoints.DELETE_DEVICE, token, resource_id=device_id, headers=step_up.headers())

    async def get_passkeys(self, token: Secret) -> passkeys.UserPasskeys:
        """Return the user's passkeys."""
        return await self._send(endpoints.PASSKEYS, token)

    async def rename_passkey(self, token: Secret, passkey_id: str, alias: str) -> models.UserPasskey:
        """Give a passkey another name; an empty one removes its name."""
        body = passkeys.RenamePasskey(id=passkey_id, alias=alias or UNSET)
        return await self._send(endpoints.RENAME_PASSKEY, token, body)

    async def delete_passkey(self, token: Secret, passkey_id: str, step_up: StepUpTokens = NO_STEP_UP_TOKENS) -> None:
        """Remove a passkey. Requires a step-up."""
        body = passkeys.DeletePasskey(passkey_id=passkey_id)
        await self._send(endpoints.DELETE_PASSKEY, token, body, headers=step_up.headers())

    async def get_passkey_creation_options(self, token: Secret, origin: str) -> passkeys.CreationOptions:
        """Return the options for the creation of a passkey on a page of this origin."""
        return await self._send(endpoints.PASSKEY_CREATION_OPTIONS, token, headers={"origin": origin})

    async def register_passkey(
        self,
        token: Secret,
        created: passkeys.RegisterPasskey,
        step_up: StepUpTokens = NO_STEP_UP_TOKENS,
        *,
        user_agent: str = "",
    ) -> VerifyResponse:
        """Register a passkey that an authenticator has created; this also completes a pending challenge.

        `user_agent` names the browser that has created it, if it is another program than this one.
        """
        headers = step_up.headers() | ({"user-agent": user_agent} if user_agent else {})
        return await self._send(endpoints.REGISTER_PASSKEY, token, created, headers=headers)

    async def get_passkey_request_options(self, token: Secret, origin: str) -> passkeys.RequestOptions:
        """Return the options for the use of a passkey on a page of this origin."""
        return await self._send(endpoints.PASSKEY_REQUEST_OPTIONS, token, headers={"origin": origin})

    async def authenticate_passkey_mfa(
        self, token: Secret, used: passkeys.AuthenticatePasskey, *, step_up_for: tuple[models.TokenScope, ...] = ()
    ) -> VerifyResponse:
        """Use a passkey, to complete the pending challenge or to step up."""
        body = passkeys.AuthenticatePasskey(id=used.id, response=used.response, **_step_up_fields(step_up_for))
        return await self._send(endpoints.AUTHENTICATE_PASSKEY, token, body)

    async def create_passkey_handoff(
        self,
        token: Secret,
        request: handoffs.CreateHandoff,
        origin: str | None,
        step_up: StepUpTokens = NO_STEP_UP_TOKENS,
    ) -> handoffs.Handoff:
        """Start a hand-off, whose page the service serves, or this program at `origin`. The vendor has none.

        One that registers a passkey requires a step-up, whose tokens stay valid for the registration.
        """
        headers = step_up.headers() | ({} if origin is None else {"origin": origin})
        return await self._send(endpoints.CREATE_HANDOFF, token, request, headers=headers)

    async def get_passkey_handoff(self, token: Secret, handoff_id: str) -> handoffs.HandoffProgress:
        """Return the state of a hand-off, and what the passkey has signed."""
        return await self._send(endpoints.READ_HANDOFF, token, resource_id=handoff_id)

    async def end_passkey_handoff(self, token: Secret, handoff_id: str, outcome: handoffs.Outcome) -> None:
        """Tell the page of a hand-off how it ended."""
        body = handoffs.EndHandoff(handoff_id=handoff_id, outcome=outcome)
        await self._send(endpoints.END_HANDOFF, token, body)


class _StepUpFields(TypedDict, total=False):
    """The fields with which a request that uses a factor asks for step-up tokens."""

    create_mfa_token: models.MfaTokenRequest
    requested_scopes: tuple[models.TokenScope, ...]


def _set_header(codes: Iterable[Secret] | None, token: Secret) -> dict[str, str]:
    """Return the header that names a set, or none if the set is not known."""
    return {} if codes is None else {SET_HEADER: set_fingerprint(codes, token)}


def _step_up_fields(scopes: tuple[models.TokenScope, ...]) -> _StepUpFields:
    """Return the fields that ask for step-up tokens, each for one action."""
    if not scopes:
        return {}
    return {"create_mfa_token": models.MfaTokenRequest(single_use=True), "requested_scopes": scopes}
