"""Reading the recovery codes, and confirming that they are saved."""

import asyncio
from dataclasses import replace

from mfa_tui.account.errors import NewCodesNotReturnedError, RotationUnknownError, UnseenCodesError
from mfa_tui.account.rotation import RotationMethods
from mfa_tui.account.state import RotationStatus
from mfa_tui.protocol import models


class RecoveryCodeMethods(RotationMethods):
    """The operations of an account that read and confirm its set of codes."""

    async def get_mfa_recovery_codes(self) -> models.RecoveryCodes:
        """Read the unused codes into `state.codes` and return them; the service creates a set if none exists.

        Raises:
            RotationUnknownError: It is not known whether an earlier rotation replaced the set.
            NewCodesNotReturnedError: A rotation replaced the set, and the service does not return the new one.
            ApiError: The service refused, or did not respond.
            StorageError: The journal of a rotation could not be read.
        """
        await self.read_codes()
        if problem := self._state.codes_problem:
            raise problem
        if self._state.codes is None:
            raise NewCodesNotReturnedError
        return self._state.codes

    async def read_codes(self) -> RotationStatus | None:
        """Read the set into the state; the service creates one if none exists.

        If the outcome of an earlier rotation is not known, finds it out and returns it; else returns None.

        Raises:
            ApiError: The service refused, or did not respond; the state is unchanged.
            StorageError: The journal of a rotation could not be read.
        """
        if await self._reconcile_open_rotation():
            return self._state.rotation_status
        codes = await self._get_current_codes()
        self._set_state(replace(self._state, codes=codes, rotation_status=None))
        if self.user.mfa_backup_code_acknowledgement is None:
            # Reading may have created the set, which is then pending: only the user object says so.
            await self._update_user(await self._client.get_user(self._token))
        return None

    async def acknowledge_recovery_codes(self) -> None:
        """Confirm to the service that the user has saved the codes. From then on, a sign-in requires a factor.

        If the outcome of a rotation is not known, finds it out first: codes that were not seen are not saved.

        Raises:
            RotationUnknownError: The outcome cannot be found out now.
            UnseenCodesError: A rotation replaced the set, and the user has not seen the new codes.
            StepUpRequiredError: The service requires a step-up for this.
            ApiError: The service refused, or did not respond.
            StorageError: The journal could not be removed; the service has the confirmation.
        """
        if await self._reconcile_open_rotation():
            if self._state.rotation_status is RotationStatus.UNKNOWN:
                raise RotationUnknownError
            if self._state.rotation_status is RotationStatus.ROTATED:
                raise UnseenCodesError
        with self._consume_step_up_tokens() as tokens:
            response = await self._client.acknowledge_recovery_codes(self._token, tokens)
        await self._apply_response(response)
        self._set_state(replace(self._state, rotation_status=None))
        await asyncio.to_thread(self._journal.close, self.user.id)

    async def _get_current_codes(self) -> models.RecoveryCodes:
        """Return the set; read it again if a code was used while the request was under way."""
        while True:
            generation = self._codes_generation
            codes = await self._client.get_mfa_recovery_codes(self._token)
            if generation == self._codes_generation:
                return codes
