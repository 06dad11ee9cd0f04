"""Reading the recovery codes, and confirming that they are saved."""

import asyncio
import time

from msgspec.structs import replace

from mfa_tui.account import rules
from mfa_tui.account.errors import (
    CodesNotShownError,
    DamagedCodesError,
    NewCodesNotReturnedError,
    NoCodesLeftError,
    RotationUnknownError,
    UnseenCodesError,
)
from mfa_tui.account.recording import OpenRecord
from mfa_tui.account.rotation import RotationMethods
from mfa_tui.account.state import RotationStatus
from mfa_tui.client.errors import (
    CodesNotReturnedError,
    OutcomeUnknownError,
    RecoveryCodesChangedError,
)
from mfa_tui.protocol import models


class RecoveryCodeMethods(RotationMethods):
    """The operations of an account that read and confirm its set of codes."""

    async def get_mfa_recovery_codes(self) -> models.RecoveryCodes:
        """Read the unused codes into `state.codes` and return them; the service creates a set if none exists.

        Raises:
            RotationUnknownError: It is not known whether an earlier rotation replaced the set.
            NewCodesNotReturnedError: A rotation replaced the set, and the service does not return the new one.
            RecordLockedError: Another program of this user is changing the set.
            ApiError: The service refused, or did not respond.
        """
        await self.read_codes()
        if problem := self._state.codes_problem:
            raise problem
        if self._state.codes is None:
            raise NewCodesNotReturnedError
        return self._state.codes

    async def read_codes(self) -> RotationStatus | None:
        """Read the set into the state; the service creates one if none exists.

        Returns how the set came to be, if it is not the one that was known, or while a rotation is open.

        Raises:
            RecordLockedError: Another program of this user is changing the set.
            ApiError: The service refused, or did not respond; the codes of the state are unchanged.
        """
        is_first = self.user.mfa_backup_code_acknowledgement is None
        async with self._record() as opened:
            await self._read_set(opened)
        is_new = self._state.rotation_status in {RotationStatus.ROTATED, RotationStatus.ELSEWHERE}
        if is_new or is_first:
            # Only the user object says whether the set is confirmed; reading may have created it.
            await self._try_to_read_user()
        if self._state.codes is not None and isinstance(self._state.codes.damaged, int):
            self.warn(DamagedCodesError(self._state.codes.damaged))
        return self._state.rotation_status

    async def acknowledge_recovery_codes(self, shown: models.RecoveryCodes | None = None) -> None:
        """Confirm to the service that the user has saved the codes. From then on, a sign-in requires a factor.

        The set is read back first: only a set that the user was shown and that is still the live one is confirmed. A
        new one is in `state.codes` then, to be shown.

        Args:
            shown: The codes that the user has; by default those that the record says were shown or saved.

        Raises:
            RotationUnderWayError: A rotation may still be under way, and would replace the codes.
            RotationUnknownError: It is not known whether a rotation replaced the set.
            UnseenCodesError: The set was replaced since a rotation was requested, and the new codes were not shown.
            RecoveryCodesChangedError: Another program has replaced the set.
            CodesNotShownError: No program of this user has shown these codes.
            NoCodesLeftError: All codes are used.
            StepUpRequiredError: The service requires a step-up for this.
            RecordLockedError: Another program of this user is changing the set.
            ApiError: The service refused, or did not respond.
        """
        async with self._record() as opened:
            was_shown = opened.record.is_shown
            try:
                await self._read_set(opened)
            except CodesNotReturnedError:
                if rules.is_pending_recovery_codes_acknowledgment(await self._client.get_user(self._token)):
                    raise
                return  # confirmed before
            live = self._state.codes
            if live is None or self._state.codes_problem is not None:
                raise self._state.codes_problem or RotationUnknownError
            self._require_no_request_under_way(opened.record)
            if not live.count:
                raise NoCodesLeftError
            await self._require_shown(opened, live, shown, was_shown=was_shown)
            await self._confirm(opened, live)

    async def _require_shown(
        self,
        opened: OpenRecord,
        live: models.RecoveryCodes,
        shown: models.RecoveryCodes | None,
        *,
        was_shown: bool,
    ) -> None:
        if opened.record.is_shown if shown is None else set(live.recovery_codes) <= set(shown.recovery_codes):
            return
        if self._state.rotation_status is RotationStatus.ELSEWHERE:
            await self._try_to_read_user()
        if opened.record.has_unseen_rotation:
            raise UnseenCodesError
        if shown is not None or was_shown:
            raise RecoveryCodesChangedError
        raise CodesNotShownError

    async def _confirm(self, opened: OpenRecord, live: models.RecoveryCodes) -> None:
        """Send the confirmation; if its response is lost, ask the service whether it has it, and which set is live."""
        try:
            with self._consume_step_up_tokens() as tokens:
                response = await self._client.acknowledge_recovery_codes(self._token, tokens, shown=live.recovery_codes)
        except RecoveryCodesChangedError:
            await self._read_set(opened)
            raise
        except OutcomeUnknownError:
            await self._try_to_read_user()
            if rules.is_pending_recovery_codes_acknowledgment(self.user):
                raise
            await self._read_set(opened)
            now_live = self._state.codes
            if now_live is None or not set(now_live.recovery_codes) <= set(live.recovery_codes):
                raise RecoveryCodesChangedError from None  # the user's confirmation may be of another set
        else:
            await self._apply_response(response)
        record = await asyncio.to_thread(opened.record.with_confirmation, live.recovery_codes, int(time.time()))
        await self._save_record(opened, self._closed(record))
        self._set_state(replace(self._state, record=opened.record, rotation_status=None))
