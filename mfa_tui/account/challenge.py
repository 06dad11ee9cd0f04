"""Completing the pending MFA challenge, and stepping up, with the code of a factor."""

import asyncio
import contextlib
import time
from enum import Enum, auto
from typing import Final

from mfa_tui.account import rules
from mfa_tui.account.recovery_codes import RecoveryCodeMethods
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client.errors import ApiError, NotSentError, RefusedError
from mfa_tui.protocol import models
from mfa_tui.protocol.user import VerifyResponse
from mfa_tui.redaction import Secret
from mfa_tui.storage.record_file import RecordLockedError

STEP_UP_SCOPES: Final[tuple[models.TokenScope, ...]] = (models.CREDENTIAL_LINK, models.CREDENTIAL_UNLINK)
"""The scopes that a step-up asks for: those of the actions of this program."""


class ChallengeStatus(Enum):
    """The state of a challenge after the response to its code was lost."""

    PASSED = auto()
    """The challenge is passed, and the code is used."""
    PENDING = auto()
    """The challenge is still pending; the code may be used nevertheless."""
    UNKNOWN = auto()
    """The service does not respond."""


class ChallengeMethods(RecoveryCodeMethods):
    """The operations of an account that send the code of a factor."""

    async def authenticate_mfa_recovery_code(self, code: str | Secret) -> None:
        """Complete the pending challenge with a recovery code, which is used up by it.

        The request is sent once, and never repeated.

        Args:
            code: The code; spaces and dashes are removed.

        Raises:
            InvalidCodeInputError: The text cannot be a code; nothing was sent.
            OutcomeUnknownError: The response was lost; the code may be used up.
            InvalidCodeError: The code is wrong, used up, or from a set that was replaced.
            RateLimitedError: There were too many attempts; `retry_after` has the seconds to wait, if the service says.
            ApiError: The service was not reached or refused; the code is not used up.
        """
        typed = parse_code(code.reveal() if isinstance(code, Secret) else code)
        await self.authenticate(TypedCode(FactorKind.RECOVERY, typed.code))

    async def authenticate(self, typed: TypedCode, *, step_up: bool = False) -> None:
        """Complete the pending challenge with a code, or step up with one; a recovery code is used up by it.

        The request is sent once, and never repeated.

        Args:
            typed: The code and its factor, from `parse_code`.
            step_up: Whether to get tokens for a protected action instead of completing a challenge.

        Raises:
            OutcomeUnknownError: The response was lost; the code may be used up.
            InvalidCodeError: The code is wrong, used up, or from a set that was replaced.
            RateLimitedError: There were too many attempts; `retry_after` has the seconds to wait, if the service says.
            ApiError: The service was not reached or refused; the code is not used up.
        """
        scopes = STEP_UP_SCOPES if step_up else ()
        if typed.kind is FactorKind.RECOVERY:
            response = await self._use_recovery_code(typed.code, scopes)
        else:
            response = await self._client.authenticate_totp_mfa_device(self._token, typed.code, step_up_for=scopes)
        await self._apply_response(response)

    async def check_challenge(self) -> ChallengeStatus:
        """Return whether the challenge is passed, by asking the service, after the response to a code was lost."""
        try:
            user = await self._client.get_user(self._token)
        except ApiError:
            return ChallengeStatus.UNKNOWN
        await self._update_user(user)
        return ChallengeStatus.PENDING if rules.is_user_missing_mfa_auth(user) else ChallengeStatus.PASSED

    async def list_challenge_factors(self) -> list[FactorKind]:
        """Return the factors that can pass the challenge; only the recovery code if the service does not say."""
        try:
            methods = await self._client.get_mfa_methods(self._token)
        except ApiError:
            return [FactorKind.RECOVERY]
        has_totp = any(device.type == "totp" and device.verified for device in methods.devices)
        return [
            *([FactorKind.PASSKEY] if methods.passkeys else []),
            *([FactorKind.TOTP] if has_totp else []),
            FactorKind.RECOVERY,
        ]

    async def _use_recovery_code(self, code: Secret, scopes: tuple[models.TokenScope, ...]) -> VerifyResponse:
        """Send a recovery code. The record of the set has that first: if the program is killed, the next start says so.

        Unless the code was certainly not accepted, the codes in the state are dropped. A record that cannot be opened
        or written is no obstacle: the code may be the user's only way in.
        """
        async with contextlib.AsyncExitStack() as stack:
            opened = None
            with contextlib.suppress(RecordLockedError):
                opened = await stack.enter_async_context(self._record(max_wait=self._timing.use_lock_timeout))
                await self._save_record(opened, await asyncio.to_thread(opened.record.with_use, code, int(time.time())))
            may_be_used = True
            try:
                response = await self._client.authenticate_mfa_recovery_code(self._token, code, step_up_for=scopes)
            except (NotSentError, RefusedError):
                may_be_used = False
                if opened is not None:
                    await self._save_record(opened, opened.record.without_use())
                raise
            finally:  # also if the task is cancelled
                if may_be_used:
                    self._invalidate_codes()
            if opened is not None:
                await self._save_record(opened, opened.record.with_used())
            return response
