"""Rotating the set without losing one.

The service invalidates the old codes when it handles the request. So the record of the set says that a rotation is open
before the request is sent, and until the new codes were shown. If the response is lost, the set is read back and
compared with the record, now or at the next start; and the request itself is never repeated.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from mfa_tui import formatting
from mfa_tui.account import rules
from mfa_tui.account.recording import OpenRecord, SetRecordMethods
from mfa_tui.account.state import RotationStatus
from mfa_tui.client.errors import (
    ApiError,
    ChallengePendingError,
    CodesNotReturnedError,
    NotSentError,
    NotSignedInError,
    OutcomeUnknownError,
    RecoveryCodesChangedError,
    RequestCancelledError,
)
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models


class RotationOutcome(msgspec.Struct, frozen=True):
    """The result of a rotation.

    Attributes:
        status: Whether the set was replaced.
        codes: The set now; None if it is not known or the service does not return it.
        reconciled: Whether the response was lost, so that `status` comes from reading the set back.
    """

    status: RotationStatus
    codes: models.RecoveryCodes | None
    reconciled: bool


class Readiness(msgspec.Struct, frozen=True):
    """The result of the checks before a rotation.

    Attributes:
        unused: How many codes the rotation would invalidate; None if that is not known.
        problems: The failed checks, as sentences.
        checks_passed: The passed checks, as one sentence.
        found_unseen_codes: Whether the set was replaced since an earlier request, and the new codes were not shown.
    """

    unused: int | None
    problems: tuple[str, ...]
    checks_passed: str
    found_unseen_codes: bool = False


class RotationMethods(SetRecordMethods):
    """The operations of an account that replace its set of codes."""

    async def prepare_rotation(self, backup_options: Sequence[str]) -> Readiness:
        """Check whether a rotation is safe: the service responds, the session outlasts it, codes can be saved.

        Reads the set, since codes may have been used elsewhere, and reconciles an earlier rotation if its outcome is
        not known.

        Args:
            backup_options: The places where the new codes can be saved, such as `in a file`.

        Raises:
            RotationUnderWayError: An earlier request may still be under way, and would replace the new codes too.
            NotSignedInError: The session has ended.
            StorageError: The record could not be read.
        """
        problems = []
        passed = []
        async with self._record(is_required=True) as opened:
            try:
                if self.session_time_left < self._timing.min_session_time:
                    await self._apply_response(await self._client.refresh(self._token))
                if error := await self._read_set(opened):
                    raise error
            except CodesNotReturnedError:
                passed.append("the service responds")
            except (NotSignedInError, RequestCancelledError):
                raise
            except ApiError as error:
                problems.append(f"{error.message} The outcome of a rotation now may stay unknown.")
            else:
                passed.append("the service responds")
            self._require_no_request_under_way(opened.record)
            found_unseen_codes = opened.record.has_unseen_rotation
        if self._state.rotation_status is RotationStatus.UNKNOWN:
            problems.append("It cannot be found out whether your last rotation replaced the codes; this one will.")
        if self.session_time_left < self._timing.min_session_time:
            problems.append("Your session ends within minutes: sign in again first.")
        else:
            passed.append(f"your session lasts {formatting.duration(self.session_time_left)} more")
        if backup_options:
            passed.append(f"new codes can be saved {formatting.listing(backup_options)}")
        else:
            problems.append("New codes can only be copied by hand here: have pen and paper ready.")
        codes = self._state.codes
        return Readiness(
            unused=codes.count if codes else None,
            problems=tuple(problems),
            checks_passed=formatting.sentence(formatting.listing(passed)),
            found_unseen_codes=found_unseen_codes,
        )

    async def create_new_mfa_recovery_codes(self) -> RotationOutcome:
        """Replace the set. Every unused code of the old one stops working at once.

        The set is read first: if it is not the one of `state.codes`, nothing is replaced. The request is sent once. If
        its response is lost or not credible, the set is read back. The rotation stays open in the record of the set,
        and every start says so, until `mark_shown` or `mark_saved` is called with the new codes.

        Returns:
            The outcome; `RotationStatus.UNKNOWN` if the response was lost and the set cannot be read back.

        Raises:
            RotationUnderWayError: An earlier request may still be under way, and would replace the new codes too.
            RecoveryCodesChangedError: Another program has replaced the set of `state.codes`; nothing was replaced now.
            RecordLockedError: Another program of this user is changing the set; nothing was sent.
            StorageError: The record could not be written; nothing was sent.
            ApiError: Nothing was replaced: the service was not reached, or refused.
        """
        async with self._record(is_required=True) as opened:
            self._require_no_request_under_way(opened.record)
            old = await self._read_set_to_replace(opened)
            before = opened.record
            acknowledged = not rules.is_pending_recovery_codes_acknowledgment(self.user)
            await opened.save(
                before.with_request(int(time.time()), acknowledged=acknowledged, old_is_known=old is not None)
            )
            try:
                new = await self._client.create_new_mfa_recovery_codes(
                    self._token, replaces=None if old is None else old.recovery_codes
                )
            except OutcomeUnknownError:
                new = None
            except ApiError as error:
                await self._save_record(opened, before)
                if isinstance(error, RecoveryCodesChangedError):
                    await self._read_set(opened)
                raise
            # A response with an old code is not believed: it may be the answer to an earlier request.
            if new is not None and _is_complete(new) and await asyncio.to_thread(before.is_new, new.recovery_codes):
                await self._apply_new_set(opened, new)
                return RotationOutcome(RotationStatus.ROTATED, new, reconciled=False)
            await self._reconcile(opened)
        return RotationOutcome(
            self._state.rotation_status or RotationStatus.UNKNOWN, self._state.codes, reconciled=True
        )

    async def check_rotation(self, codes: models.RecoveryCodes) -> RotationStatus:
        """Read the set back once after a rotation, when its codes were shown, and whether it has to be confirmed.

        Args:
            codes: The codes that were shown as the new ones.

        Returns:
            `ROTATED` if they are the live set, `NOT_ROTATED` if the old set is, `ELSEWHERE` if another one is, and
            `UNKNOWN` if the set cannot be read, or has no code that could tell.
        """
        try:
            async with self._record() as opened:
                live = await self._client.get_mfa_recovery_codes(self._token)
                await self._apply_live_set(opened, live)
                is_old = opened.record.rotation is not None and not opened.record.rotation.has_replaced
        except MfaTuiError:
            return RotationStatus.UNKNOWN
        await self._try_to_read_user()
        if not live.recovery_codes:
            return RotationStatus.UNKNOWN
        if set(live.recovery_codes) <= set(codes.recovery_codes):
            return RotationStatus.ROTATED
        return RotationStatus.NOT_ROTATED if is_old else RotationStatus.ELSEWHERE

    async def _read_set(self, opened: OpenRecord) -> ApiError | None:
        """Read the set into the record and the state, or reconcile a rotation that is open.

        Returns the error that prevented the second, if any.

        Raises:
            NotSignedInError: The session has ended.
            ChallengePendingError: The session must pass a factor first.
            ApiError: The set could not be read. If a rotation is open, the state says instead that it is unknown.
        """
        if opened.record.rotation is None:
            await self._apply_live_set(opened, await self._get_current_codes())
            return None
        error = await self._reconcile(opened)
        if isinstance(error, NotSignedInError | ChallengePendingError):
            raise error
        return error

    async def _reconcile(self, opened: OpenRecord) -> ApiError | None:
        """Read the set back and set `state.rotation_status`; return the error that prevented it, if any."""
        error: ApiError | None = None
        delays = self._timing.reconcile_delays
        for delay in delays if self._under_way_for(opened.record) else delays[:1]:
            await asyncio.sleep(delay)
            try:
                await self._read_back(opened)
            except ApiError as caught:
                error = caught
                self._set_state(replace(self._state, rotation_status=RotationStatus.UNKNOWN))
            else:
                error = None
            is_over = self._state.rotation_status is not RotationStatus.NOT_ROTATED
            if isinstance(error, RequestCancelledError) or (is_over and not isinstance(error, NotSentError)):
                break
        return error

    async def _read_back(self, opened: OpenRecord) -> None:
        """Read the set and compare it with the record.

        If the service does not return it, the acknowledgement decides: a rotation makes a confirmed set pending again.
        """
        try:
            codes = await self._get_current_codes()
        except CodesNotReturnedError:
            rotation = opened.record.rotation
            if rotation is None or not rotation.acknowledged:
                self._set_state(replace(self._state, rotation_status=RotationStatus.UNKNOWN))
                return
            user = await self._client.get_user(self._token)
            if rules.is_pending_recovery_codes_acknowledgment(user):
                await self._save_record(opened, opened.record.with_new_set(None, int(time.time())))
                self._show_set(opened, None, RotationStatus.ROTATED)
                await self._update_user(user)
            else:
                await self._save_record(opened, self._closed(opened.record))
                self._show_set(opened, None, RotationStatus.NOT_ROTATED)
        else:
            await self._apply_live_set(opened, codes)

    async def _read_set_to_replace(self, opened: OpenRecord) -> models.RecoveryCodes | None:
        """Read the set that a rotation is about to replace; None if the service does not return it.

        Raises:
            RecoveryCodesChangedError: It is not the one of the state, which the user wants to replace.
            ApiError: It could not be read.
        """
        wanted = self._state.codes
        try:
            codes = await self._get_current_codes()
        except CodesNotReturnedError:
            return None
        await self._apply_live_set(opened, codes)
        if wanted is not None and not set(codes.recovery_codes) <= set(wanted.recovery_codes):
            await self._try_to_read_user()
            raise RecoveryCodesChangedError
        return codes

    async def _get_current_codes(self) -> models.RecoveryCodes:
        """Return the set; read it again if a code was used while the request was under way."""
        while True:
            generation = self._codes_generation
            codes = await self._client.get_mfa_recovery_codes(self._token)
            if generation == self._codes_generation:
                return codes


def _is_complete(new: models.RecoveryCodes) -> bool:
    """Return whether a response has a full set of distinct codes."""
    return new.count == len(new.recovery_codes) == len(set(new.recovery_codes)) >= models.SET_SIZE
