"""Records what happens to the set: opens its record under its lock, and notes what the front end showed and saved."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from mfa_tui.account.errors import InterruptedUseError, RotationUnderWayError
from mfa_tui.account.sessions import SessionMethods
from mfa_tui.account.state import RotationStatus
from mfa_tui.client.errors import ApiError, NotSignedInError
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models
from mfa_tui.storage import record_file
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.record_file import RecordFile, RecordLockedError
from mfa_tui.storage.set_record import Rotation, SetRecord

_T = TypeVar("_T")

_LOCK_INTERVAL = 0.02
"""Seconds between two attempts to take the lock."""


class OpenRecord(msgspec.Struct):
    """A record that this program has locked."""

    file: RecordFile
    record: SetRecord

    async def save(self, record: SetRecord) -> None:
        """Write a changed record to disk.

        Raises:
            StorageError: It could not be written.
        """
        if record != self.record:
            self.record = record
            await _to_the_end(lambda: self.file.save(record))


class SetRecordMethods(SessionMethods):
    """The operations of an account on the record of its set."""

    async def mark_shown(self, codes: models.RecoveryCodes) -> None:
        """Record that the user has seen these codes: drawn on the screen, or printed. It closes their rotation.

        If the record cannot be written, `state.warning` says so, and a later start says that they were not shown. The
        session may have ended meanwhile.

        Raises:
            NotSignedInError: No session existed.
        """
        await self._mark_shown(codes, None)

    async def mark_saved(self, codes: models.RecoveryCodes, place: str) -> None:
        """Record that these codes were written to a file or another place that the user has. It closes their rotation.

        Args:
            codes: The codes.
            place: The path of the file, as a name to show, or a name such as `printer`.

        Raises:
            NotSignedInError: No session existed.
        """
        await self._mark_shown(codes, place)

    async def _mark_shown(self, codes: models.RecoveryCodes, place: str | None) -> None:
        account_key = self._account_key
        if account_key is None:
            raise NotSignedInError
        try:
            async with self._open_record(account_key) as opened:
                record = await asyncio.to_thread(
                    opened.record.with_shown, codes.recovery_codes, int(time.time()), place=place
                )
                await self._save_record(opened, self._closed(record))
                if self._account_key == account_key:  # another user may have signed in meanwhile
                    self._set_state(replace(self._state, record=opened.record))
        except RecordLockedError as error:
            self.warn(error)

    def _record(
        self, *, is_required: bool = False, max_wait: float | None = None
    ) -> AbstractAsyncContextManager[OpenRecord]:
        """Open the record of the signed-in user's set.

        Raises:
            NotSignedInError: No session exists.
        """
        return self._open_record(self.session.account_key, is_required=is_required, max_wait=max_wait)

    @asynccontextmanager
    async def _open_record(
        self, account_key: tuple[str, str, str], *, is_required: bool = False, max_wait: float | None = None
    ) -> AsyncIterator[OpenRecord]:
        """Open the record of a user's set under its lock.

        Unless it is required, a record that cannot be read is an empty one in which a rotation may be open, and
        `state.warning` has the reason: a user must be able to read and use codes from a folder that is damaged.

        Raises:
            RecordLockedError: Another program held the lock for too long.
            StorageError: It cannot be locked or read, and it is required.
        """
        file = self._records(account_key)
        descriptor = None
        try:
            try:
                descriptor = await self._lock(file, self._timing.record_lock_timeout if max_wait is None else max_wait)
                record = await asyncio.to_thread(file.load)
            except StorageError as error:
                if is_required:
                    raise
                self.warn(error)
                record = SetRecord.new().in_doubt(int(time.time()))
            yield OpenRecord(file, record)
        finally:
            if descriptor is not None:
                record_file.unlock(descriptor)

    async def _lock(self, file: RecordFile, max_wait: float) -> int:
        end = time.monotonic() + max_wait
        while (descriptor := file.try_lock()) is None:
            if time.monotonic() > end:
                raise RecordLockedError
            await asyncio.sleep(_LOCK_INTERVAL)
        return descriptor

    async def _save_record(self, opened: OpenRecord, record: SetRecord) -> None:
        """Write a record of something that is done already; if it cannot be written, warn."""
        try:
            await opened.save(record)
        except StorageError as error:
            self.warn(error)

    async def _apply_new_set(self, opened: OpenRecord, codes: models.RecoveryCodes) -> None:
        """Record and show the set that the service has returned for a rotation."""
        record = await asyncio.to_thread(opened.record.with_rotated_set, codes.recovery_codes, int(time.time()))
        await self._save_record(opened, record)
        self._show_set(opened, codes, None)
        self._assume_pending()

    async def _apply_live_set(self, opened: OpenRecord, codes: models.RecoveryCodes) -> None:
        """Record and show the set that the service has returned; `state.rotation_status` says how it came to be."""
        before, wanted = opened.record, self._state.codes
        record = await asyncio.to_thread(before.with_live_set, codes.recovery_codes, int(time.time()))
        is_other = before.current is not None and not before.holds(codes.recovery_codes)
        if wanted is not None and not set(codes.recovery_codes) <= set(wanted.recovery_codes):
            is_other = True
        elif self._state.rotation_status is RotationStatus.ELSEWHERE:
            is_other = True  # it stays visible until the user has acted on it
        status = _status(record.rotation, is_other=is_other)
        if record.use is not None:
            number = record.use.number if record.holds(codes.recovery_codes) else None
            is_used = number is None or number not in record.numbers(codes.recovery_codes)
            self.warn(InterruptedUseError(number, is_used=is_used))
            record = record.with_used() if is_used else record.without_use()
        await self._save_record(opened, self._closed(record))
        if self.user.mfa_backup_code_acknowledgement is None:
            self._assume_pending()  # before it is shown: reading may have created it
        self._show_set(opened, codes, status)
        if status in {RotationStatus.ROTATED, RotationStatus.ELSEWHERE}:
            self._assume_pending()

    def _show_set(self, opened: OpenRecord, codes: models.RecoveryCodes | None, status: RotationStatus | None) -> None:
        numbers = opened.record.numbers(codes.recovery_codes) if codes else ()
        self._set_state(
            replace(self._state, codes=codes, numbers=numbers, record=opened.record, rotation_status=status)
        )

    def _assume_pending(self) -> None:
        """Count the set as not confirmed until the user is read: to ask once too often to save codes is harmless."""
        user = replace(self.user, mfa_backup_code_acknowledgement="pending")
        self._set_state(replace(self._state, session=replace(self.session, user=user)))

    async def read_user(self) -> None:
        """Read the user, which says whether the set is confirmed.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        await self._update_user(await self._client.get_user(self._token))

    async def _try_to_read_user(self) -> None:
        with contextlib.suppress(ApiError):
            await self.read_user()

    def _closed(self, record: SetRecord) -> SetRecord:
        return record.closed(may_be_under_way=self._under_way_for(record) > 0)

    def _require_no_request_under_way(self, record: SetRecord) -> None:
        """Refuse what a rotation that may still be under way would undo.

        Raises:
            RotationUnderWayError: The service may still handle the request, and replace the set later.
        """
        if (left := self._under_way_for(record)) > 0:
            raise RotationUnderWayError(left)

    def _under_way_for(self, record: SetRecord) -> float:
        """Return for how many seconds the service may still handle a requested rotation; 0 if it cannot."""
        if record.rotation is None or record.rotation.is_done:
            return 0
        elapsed = record.rotation.requested.elapsed()
        return self._timing.request_max_age if elapsed is None else max(0, self._timing.request_max_age - elapsed)


def _status(rotation: Rotation | None, *, is_other: bool) -> RotationStatus | None:
    """Return how the live set came to be; `is_other` says whether it is another one than was known."""
    if rotation is None:
        return RotationStatus.ELSEWHERE if is_other else None
    if not rotation.has_replaced:
        return RotationStatus.NOT_ROTATED
    return RotationStatus.ROTATED if rotation.is_done else RotationStatus.UNDETERMINED


async def _to_the_end(job: Callable[[], _T]) -> _T:
    """Run a job in a thread; if the task is cancelled meanwhile, wait for the job nevertheless."""
    running = asyncio.ensure_future(asyncio.to_thread(job))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with contextlib.suppress(MfaTuiError):
            await running
        raise
