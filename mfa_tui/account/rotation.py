"""Rotating the set without ever losing one.

The service kills the old codes the moment it answers. So a journal is on disk before the request leaves; where
the answer is lost, the set is read back and compared with the journal, now or at the next start; and the request
itself is never repeated.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from mfa_tui import formatting
from mfa_tui.account import rules
from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationOutcome
from mfa_tui.client.errors import ApiError, CodesNotReturnedError, NotSentError, NotSignedInError, OutcomeUnknownError
from mfa_tui.protocol import models
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.journal import Rotation

RECONCILE_DELAYS = (0.0, 1.0, 4.0)
"""Seconds before each look at a set that is still the old one: the service may yet be at work on the request."""

REQUEST_MAX_AGE = 2 * 60
"""Seconds after which a request is no longer under way anywhere: gateways give up after one minute or two."""

MIN_SESSION_TIME = 10 * 60
"""A session that ends sooner, in seconds, is refreshed before a rotation: reading the set back takes one."""


@dataclass(frozen=True)
class Readiness:
    """What was found before a rotation. `unused` is how many codes it would kill; None if that is not known."""

    unused: int | None
    problems: tuple[str, ...]
    """What is not as it should be, as sentences."""
    checks_passed: str
    """What is as it should be, as a sentence."""

    @property
    def consequence(self) -> str:
        """What the rotation does to the codes that there are, as sentences."""
        if self.unused == 0:
            return "No unused code is left, so none is lost."
        codes = {None: "All unused codes stop", 1: "1 unused code stops"}.get(
            self.unused, f"{self.unused} unused codes stop"
        )
        return (
            f"{codes} working at once, wherever kept: on paper, in files, in a password manager. This cannot be undone."
        )


async def prepare(account: Account, ways_to_keep: Sequence[str]) -> Readiness:
    """Look whether a rotation would be safe: the service answers, the session outlasts it, codes can be kept.

    Reads the set again, since codes may have been used elsewhere, and settles a rotation whose outcome is not
    known. `ways_to_keep` names where the new codes can be kept: `in a file`.

    Raises:
        NotSignedInError: The session has ended.
        StorageError: The rotation journal could not be read.
    """
    missing = []
    given = []
    try:
        if account.remaining < MIN_SESSION_TIME:
            account.begin_from(await account.client.refresh(account.token))
        missing += await _read(account)
    except CodesNotReturnedError:
        given.append("the service answers")
    except NotSignedInError:
        raise
    except ApiError as error:
        missing.append(f"{error.message} A rotation now may end in doubt.")
    else:
        given.append("the service answers")
    if account.remaining < MIN_SESSION_TIME:
        missing.append("Your session ends within minutes: sign in again first.")
    else:
        given.append(f"your session lasts {formatting.duration(account.remaining)} more")
    if ways_to_keep:
        given.append(f"new codes can be kept {formatting.listing(ways_to_keep)}")
    else:
        missing.append("There is no way here to keep the new codes but by hand: have pen and paper ready.")
    codes = account.state.codes
    return Readiness(codes.count if codes else None, tuple(missing), formatting.sentence(formatting.listing(given)))


async def rotate(account: Account) -> None:
    """Make a new set. Every unused code of the old one is dead at once.

    Where the answer is lost or makes no sense, `state.rotation_outcome` says what came of it. One whose outcome is not
    known yet stays in the journal until it is: what is compared is the set that stood before both.

    Raises:
        StorageError: The journal could not be written; nothing was sent.
        ApiError: It did not happen: the service was not reached, or refused.
    """
    user = account.user
    unsettled = open_rotation(account)
    if unsettled is None:
        rotation = await _about_to_be_asked(account)
    else:
        rotation = msgspec.structs.replace(unsettled, asked_at=int(time.time()))
    account.journal.save(user.id, rotation)
    old = account.state.codes.recovery_codes if account.state.codes else ()
    try:
        new = await account.client.create_new_mfa_recovery_codes(account.token)
    except OutcomeUnknownError:
        await reconcile(account, rotation)
        return
    except ApiError:
        if unsettled is None:
            _close_journal(account)
        raise
    if _is_new_set(new, old):
        await _take_new_set(account, new, None)
    else:
        await reconcile(account, rotation)


async def reconcile(account: Account, rotation: Rotation) -> ApiError | None:
    """Find out what came of a rotation whose answer was lost, by looking at the set; `state.rotation_outcome` says it.

    Returns what kept it from being found out, if anything.
    """
    trouble = None
    for wait in RECONCILE_DELAYS if _is_under_way(rotation) else RECONCILE_DELAYS[:1]:
        await asyncio.sleep(wait)
        try:
            ending, codes = await _look(account, rotation)
        except ApiError as error:
            ending, codes, trouble = RotationOutcome.UNKNOWN, None, error
        else:
            trouble = None
        if ending is not RotationOutcome.NOT_ROTATED and not isinstance(trouble, NotSentError):
            break
    if ending is RotationOutcome.ROTATED:
        await _take_new_set(account, codes, ending)
    elif ending is RotationOutcome.UNKNOWN:
        account.become(replace(account.state, rotation_outcome=ending))
    else:
        account.become(replace(account.state, codes=codes, rotation_outcome=ending))
        if not _is_under_way(rotation):
            account.journal.close(account.user.id)
    return trouble


def open_rotation(account: Account) -> Rotation | None:
    """Return the rotation whose outcome is not known, if there is one.

    Raises:
        StorageError: The journal could not be read.
    """
    return account.journal.load(account.user.id)


async def _read(account: Account) -> list[str]:
    """Read the set, or settle a rotation whose outcome is not known; return what is wrong then, as sentences."""
    unsettled = open_rotation(account)
    if unsettled is None:
        account.become(replace(account.state, codes=await account.client.get_mfa_recovery_codes(account.token)))
        return []
    trouble = await reconcile(account, unsettled)
    if trouble is not None:
        raise trouble
    if account.state.rotation_outcome is RotationOutcome.ROTATED:
        return ["Your last rotation did replace the codes: go back and see the new ones first."]
    wrong = []
    if account.state.rotation_outcome is RotationOutcome.UNKNOWN:
        wrong.append("It cannot be found out whether your last rotation replaced the codes; this one will.")
    if _is_under_way(unsettled):
        wrong.append("Your last request may still be under way, and would replace the new codes too: wait two minutes.")
    return wrong


async def _about_to_be_asked(account: Account) -> Rotation:
    """Return the record of a rotation of the set as it is; it is read first where it was not."""
    codes = account.state.codes
    if codes is None:
        with contextlib.suppress(CodesNotReturnedError):
            codes = await account.client.get_mfa_recovery_codes(account.token)
    return await asyncio.to_thread(
        Rotation.of,
        codes.recovery_codes if codes else None,
        acknowledged=not rules.is_pending_recovery_codes_acknowledgment(account.user),
        asked_at=int(time.time()),
    )


def _is_under_way(rotation: Rotation) -> bool:
    """Return whether the service may still be at work on the request: the old set may yet be replaced."""
    return time.time() - rotation.asked_at < REQUEST_MAX_AGE


async def _look(account: Account, rotation: Rotation) -> tuple[RotationOutcome | None, models.RecoveryCodes | None]:
    """Return what the set says of the rotation, and the set; None where the service does not list it.

    Where there is nothing to compare, the acknowledgement tells: a rotation makes a saved set pending again. A set
    that is listed is the one that works, whatever came before it.
    """
    try:
        codes = await account.client.get_mfa_recovery_codes(account.token)
    except CodesNotReturnedError:
        codes = None
    replaced = None
    if codes is not None:
        replaced = await asyncio.to_thread(rotation.was_replaced_by, codes.recovery_codes)
    if replaced is None and rotation.acknowledged:
        replaced = rules.is_pending_recovery_codes_acknowledgment(await account.client.get_user(account.token))
    if replaced is None:
        return (RotationOutcome.UNKNOWN if codes is None else None), codes
    return (RotationOutcome.ROTATED if replaced else RotationOutcome.NOT_ROTATED), codes


async def _take_new_set(account: Account, codes: models.RecoveryCodes | None, ending: RotationOutcome | None) -> None:
    """Show the new set before anything else can fail; then learn that it is pending.

    The answer to a rotation does not say so. Where the service does not either it is taken as pending: asking
    once too often to save codes is harmless.
    """
    account.become(replace(account.state, codes=codes, rotation_outcome=ending))
    if codes is not None:  # else the next start looks for them once more
        _close_journal(account)
    try:
        user = await account.client.get_user(account.token)
    except ApiError:
        user = msgspec.structs.replace(account.user, mfa_backup_code_acknowledgement="pending")
    account.update_user(user)


def _close_journal(account: Account) -> None:
    """Have the journal say no more of the rotation; where it stays, the next start looks once more."""
    try:
        account.journal.close(account.user.id)
    except StorageError as error:
        account.become(replace(account.state, warning=error))


def _is_new_set(new: models.RecoveryCodes, old: tuple[object, ...]) -> bool:
    """Return whether an answer can be believed: a full set, each code once, and none of the old ones."""
    distinct = set(new.recovery_codes)
    return new.count == len(new.recovery_codes) == len(distinct) >= models.SET_SIZE and distinct.isdisjoint(old)
