"""Rotating the set without losing one.

The service invalidates the old codes when it handles the request. So a journal is written to disk before the request
is sent; if the response is lost, the set is read back and compared with the journal, now or at the next start; and
the request itself is never repeated.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from mfa_tui import formatting
from mfa_tui.account import rules
from mfa_tui.account.sessions import SessionMethods
from mfa_tui.account.state import RotationStatus
from mfa_tui.client.errors import (
    ApiError,
    ChallengePendingError,
    CodesNotReturnedError,
    NotSentError,
    NotSignedInError,
    OutcomeUnknownError,
)
from mfa_tui.protocol import models
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.journal import Rotation


@dataclass(frozen=True)
class RotationOutcome:
    """The result of a rotation.

    Attributes:
        status: Whether the set was replaced.
        codes: The set now; None if it is not known or the service does not return it.
        reconciled: Whether the response was lost, so that `status` comes from reading the set back.
    """

    status: RotationStatus
    codes: models.RecoveryCodes | None
    reconciled: bool


@dataclass(frozen=True)
class Readiness:
    """The result of the checks before a rotation.

    Attributes:
        unused: How many codes the rotation would invalidate; None if that is not known.
        problems: The failed checks, as sentences.
        checks_passed: The passed checks, as one sentence.
        found_unseen_codes: Whether an earlier rotation, whose response was lost, turned out to have replaced the set.
    """

    unused: int | None
    problems: tuple[str, ...]
    checks_passed: str
    found_unseen_codes: bool = False


class RotationMethods(SessionMethods):
    """The operations of an account that replace its set of codes."""

    async def prepare_rotation(self, backup_options: Sequence[str]) -> Readiness:
        """Check whether a rotation is safe: the service responds, the session outlasts it, codes can be saved.

        Reads the set, since codes may have been used elsewhere, and reconciles an earlier rotation if its outcome is
        not known.

        Args:
            backup_options: The places where the new codes can be saved, such as `in a file`.

        Raises:
            NotSignedInError: The session has ended.
            StorageError: The journal could not be read.
        """
        problems = []
        passed = []
        earlier = await self._open_rotation()
        try:
            if self.session_time_left < self._timing.min_session_time:
                await self._apply_response(await self._client.refresh(self._token))
            problems += await self._check_codes(earlier)
        except CodesNotReturnedError:
            passed.append("the service responds")
        except NotSignedInError:
            raise
        except ApiError as error:
            problems.append(f"{error.message} The outcome of a rotation now may stay unknown.")
        else:
            passed.append("the service responds")
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
            found_unseen_codes=earlier is not None and self._state.rotation_status is RotationStatus.ROTATED,
        )

    async def create_new_mfa_recovery_codes(self) -> RotationOutcome:
        """Replace the set. Every unused code of the old one stops working at once.

        The request is sent once. If its response is lost or invalid, the set is read back; while the outcome is not
        known, the journal stays, and a later read of the codes finds it out.

        Returns:
            The outcome; `RotationStatus.UNKNOWN` if the response was lost and the set cannot be read back.

        Raises:
            StorageError: The journal could not be written; nothing was sent.
            ApiError: Nothing was replaced: the service was not reached, or refused.
        """
        user = self.user
        earlier = await self._open_rotation()
        if earlier is None:
            rotation = await self._new_rotation()
        else:
            rotation = msgspec.structs.replace(earlier, asked_at=int(time.time()))
        await asyncio.to_thread(self._journal.save, user.id, rotation)
        old = self._state.codes.recovery_codes if self._state.codes else ()
        try:
            new = await self._client.create_new_mfa_recovery_codes(self._token)
        except OutcomeUnknownError:
            new = None
        except ApiError:
            if earlier is None:
                await self._close_journal()
            raise
        if new is not None and _is_new_set(new, old):
            await self._use_new_set(new, None)
            return RotationOutcome(RotationStatus.ROTATED, new, reconciled=False)
        await self._reconcile(rotation)
        return RotationOutcome(
            self._state.rotation_status or RotationStatus.UNKNOWN, self._state.codes, reconciled=True
        )

    async def _reconcile_open_rotation(self) -> bool:
        """Reconcile an earlier rotation if its outcome is not known; return whether there was one.

        Raises:
            NotSignedInError: The session has ended: a new one is needed to find out.
            ChallengePendingError: A factor is needed to find out.
        """
        rotation = await self._open_rotation()
        if rotation is None:
            return False
        error = await self._reconcile(rotation)
        if isinstance(error, NotSignedInError | ChallengePendingError):
            raise error
        return True

    async def _reconcile(self, rotation: Rotation) -> ApiError | None:
        """Read the set back and set `state.rotation_status`; return the error that prevented it, if any."""
        error: ApiError | None = None
        delays = self._timing.reconcile_delays
        for delay in delays if self._is_under_way(rotation) else delays[:1]:
            await asyncio.sleep(delay)
            try:
                status, codes = await self._compare(rotation)
            except ApiError as caught:
                status, codes, error = RotationStatus.UNKNOWN, None, caught
            else:
                error = None
            if status is not RotationStatus.NOT_ROTATED and not isinstance(error, NotSentError):
                break
        if status is RotationStatus.ROTATED:
            await self._use_new_set(codes, status)
        elif status is RotationStatus.UNKNOWN:
            self._set_state(replace(self._state, rotation_status=status))
        else:
            self._set_state(replace(self._state, codes=codes, rotation_status=status))
            if not self._is_under_way(rotation):
                await asyncio.to_thread(self._journal.close, self.user.id)
        return error

    async def _compare(self, rotation: Rotation) -> tuple[RotationStatus | None, models.RecoveryCodes | None]:
        """Read the set and return whether it was replaced, and the set; None if the service does not return it.

        If the old set is not known, the acknowledgement decides: a rotation makes a confirmed set pending again. A
        set that the service returns is the working one, whatever came before it.
        """
        try:
            codes = await self._client.get_mfa_recovery_codes(self._token)
        except CodesNotReturnedError:
            codes = None
        replaced = None
        if codes is not None:
            replaced = await asyncio.to_thread(rotation.was_replaced_by, codes.recovery_codes)
        if replaced is None and rotation.acknowledged:
            replaced = rules.is_pending_recovery_codes_acknowledgment(await self._client.get_user(self._token))
        if replaced is None:
            return (RotationStatus.UNKNOWN if codes is None else None), codes
        return (RotationStatus.ROTATED if replaced else RotationStatus.NOT_ROTATED), codes

    async def _check_codes(self, rotation: Rotation | None) -> list[str]:
        """Read the set, or reconcile an earlier rotation; return the problems found, as sentences."""
        if rotation is None:
            codes = await self._client.get_mfa_recovery_codes(self._token)
            self._set_state(replace(self._state, codes=codes))
            return []
        error = await self._reconcile(rotation)
        if error is not None:
            raise error
        problems = []
        if self._state.rotation_status is RotationStatus.UNKNOWN:
            problems.append("It cannot be found out whether your last rotation replaced the codes; this one will.")
        if self._is_under_way(rotation):
            problems.append(
                "Your last request may still be under way, and would replace the new codes too: wait two minutes."
            )
        return problems

    async def _open_rotation(self) -> Rotation | None:
        """Return the rotation that has no known outcome, if one exists.

        Raises:
            StorageError: The journal could not be read.
        """
        return await asyncio.to_thread(self._journal.load, self.user.id)

    async def _new_rotation(self) -> Rotation:
        """Return the journal entry of a rotation of the current set, which is read if it is not known."""
        codes = self._state.codes
        if codes is None:
            with contextlib.suppress(CodesNotReturnedError):
                codes = await self._client.get_mfa_recovery_codes(self._token)
        return await asyncio.to_thread(
            Rotation.of,
            codes.recovery_codes if codes else None,
            acknowledged=not rules.is_pending_recovery_codes_acknowledgment(self.user),
            asked_at=int(time.time()),
        )

    def _is_under_way(self, rotation: Rotation) -> bool:
        """Return whether the service may still handle the request, and replace the set later."""
        return time.time() - rotation.asked_at < self._timing.request_max_age

    async def _use_new_set(self, codes: models.RecoveryCodes | None, status: RotationStatus | None) -> None:
        """Show the new set before anything else can fail; then read whether it has to be confirmed.

        The response to a rotation does not say so. If the user cannot be read, the set counts as not confirmed:
        asking the user once too often to save codes is harmless.
        """
        self._set_state(replace(self._state, codes=codes, rotation_status=status))
        if codes is not None:  # else the next start tries to read them again
            await self._close_journal()
        try:
            user = await self._client.get_user(self._token)
        except ApiError:
            user = msgspec.structs.replace(self.user, mfa_backup_code_acknowledgement="pending")
        await self._update_user(user)

    async def _close_journal(self) -> None:
        """Remove the journal entry; if that fails, the next start reads the set once more."""
        try:
            await asyncio.to_thread(self._journal.close, self.user.id)
        except StorageError as error:
            self.warn(error)


def _is_new_set(new: models.RecoveryCodes, old: Sequence[object]) -> bool:
    """Return whether a response is credible: a full set of distinct codes, none of them an old one."""
    distinct = set(new.recovery_codes)
    return new.count == len(new.recovery_codes) == len(distinct) >= models.SET_SIZE and distinct.isdisjoint(old)
