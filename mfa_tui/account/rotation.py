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

from mfa_tui import wire, words
from mfa_tui.account import rules
from mfa_tui.account.account import Account
from mfa_tui.account.state import Ending
from mfa_tui.dynamic.errors import DynamicError, NotSent, NotSignedIn, OutcomeUnknown, Withheld
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.journal import Rotation

SETTLING = (0.0, 1.0, 4.0)
"""Seconds before each look at a set that is still the old one: the service may yet be at work on the request."""

UNDER_WAY = 2 * 60
"""Seconds after which a request is no longer under way anywhere: gateways give up after one minute or two."""

LONG_ENOUGH = 10 * 60
"""A session that ends sooner, in seconds, is refreshed before a rotation: reading the set back takes one."""


@dataclass(frozen=True)
class Readiness:
    """What was found before a rotation. `unused` is how many codes it would kill; None if that is not known."""

    unused: int | None
    missing: tuple[str, ...]
    """What is not as it should be, as sentences."""
    given: str
    """What is as it should be, as a sentence."""

    @property
    def at_stake(self) -> str:
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
        NotSignedIn: The session has ended.
        StorageError: The rotation journal could not be read.
    """
    missing = []
    given = []
    try:
        if account.remaining < LONG_ENOUGH:
            account.begin_from(await account.client.refresh(account.token))
        missing += await _read(account)
    except Withheld:
        given.append("the service answers")
    except NotSignedIn:
        raise
    except DynamicError as error:
        missing.append(f"{error.happened} A rotation now may end in doubt.")
    else:
        given.append("the service answers")
    if account.remaining < LONG_ENOUGH:
        missing.append("Your session ends within minutes: sign in again first.")
    else:
        given.append(f"your session lasts {words.duration(account.remaining)} more")
    if ways_to_keep:
        given.append(f"new codes can be kept {words.listing(ways_to_keep)}")
    else:
        missing.append("There is no way here to keep the new codes but by hand: have pen and paper ready.")
    codes = account.state.codes
    return Readiness(codes.count if codes else None, tuple(missing), words.sentence(words.listing(given)))


async def rotate(account: Account) -> None:
    """Make a new set. Every unused code of the old one is dead at once.

    Where the answer is lost or makes no sense, `state.ending` says what came of it. One whose outcome is not known
    yet stays in the journal until it is: what is compared is the set that stood before both.

    Raises:
        StorageError: The journal could not be written; nothing was sent.
        DynamicError: It did not happen: the service was not reached, or refused.
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
    except OutcomeUnknown:
        await settle(account, rotation)
        return
    except DynamicError:
        if unsettled is None:
            _close_journal(account)
        raise
    if _is_new_set(new, old):
        await _take_new_set(account, new, None)
    else:
        await settle(account, rotation)


async def settle(account: Account, rotation: Rotation) -> DynamicError | None:
    """Find out what came of a rotation whose answer was lost, by looking at the set; `state.ending` says it.

    Returns what kept it from being found out, if anything.
    """
    trouble = None
    for wait in SETTLING if _is_under_way(rotation) else SETTLING[:1]:
        await asyncio.sleep(wait)
        try:
            ending, codes = await _look(account, rotation)
        except DynamicError as error:
            ending, codes, trouble = Ending.IN_DOUBT, None, error
        else:
            trouble = None
        if ending is not Ending.NOT_ROTATED and not isinstance(trouble, NotSent):
            break
    if ending is Ending.ROTATED:
        await _take_new_set(account, codes, ending)
    elif ending is Ending.IN_DOUBT:
        account.become(replace(account.state, ending=ending))
    else:
        account.become(replace(account.state, codes=codes, ending=ending))
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
    trouble = await settle(account, unsettled)
    if trouble is not None:
        raise trouble
    if account.state.ending is Ending.ROTATED:
        return ["Your last rotation did replace the codes: go back and see the new ones first."]
    wrong = []
    if account.state.ending is Ending.IN_DOUBT:
        wrong.append("It cannot be found out whether your last rotation replaced the codes; this one will.")
    if _is_under_way(unsettled):
        wrong.append("Your last request may still be under way, and would replace the new codes too: wait two minutes.")
    return wrong


async def _about_to_be_asked(account: Account) -> Rotation:
    """Return the record of a rotation of the set as it is; it is read first where it was not."""
    codes = account.state.codes
    if codes is None:
        with contextlib.suppress(Withheld):
            codes = await account.client.get_mfa_recovery_codes(account.token)
    return await asyncio.to_thread(
        Rotation.of,
        codes.recovery_codes if codes else None,
        acknowledged=not rules.is_pending_recovery_codes_acknowledgment(account.user),
        asked_at=int(time.time()),
    )


def _is_under_way(rotation: Rotation) -> bool:
    """Return whether the service may still be at work on the request: the old set may yet be replaced."""
    return time.time() - rotation.asked_at < UNDER_WAY


async def _look(account: Account, rotation: Rotation) -> tuple[Ending | None, wire.RecoveryCodes | None]:
    """Return what the set says of the rotation, and the set; None where the service does not list it.

    Where there is nothing to compare, the acknowledgement tells: a rotation makes a saved set pending again. A set
    that is listed is the one that works, whatever came before it.
    """
    try:
        codes = await account.client.get_mfa_recovery_codes(account.token)
    except Withheld:
        codes = None
    replaced = None
    if codes is not None:
        replaced = await asyncio.to_thread(rotation.was_replaced_by, codes.recovery_codes)
    if replaced is None and rotation.acknowledged:
        replaced = rules.is_pending_recovery_codes_acknowledgment(await account.client.get_user(account.token))
    if replaced is None:
        return (Ending.IN_DOUBT if codes is None else None), codes
    return (Ending.ROTATED if replaced else Ending.NOT_ROTATED), codes


async def _take_new_set(account: Account, codes: wire.RecoveryCodes | None, ending: Ending | None) -> None:
    """Show the new set before anything else can fail; then learn that it is pending.

    The answer to a rotation does not say so. Where the service does not either it is taken as pending: asking
    once too often to save codes is harmless.
    """
    account.become(replace(account.state, codes=codes, ending=ending))
    if codes is not None:  # else the next start looks for them once more
        _close_journal(account)
    try:
        user = await account.client.get_user(account.token)
    except DynamicError:
        user = msgspec.structs.replace(account.user, mfa_backup_code_acknowledgement="pending")
    account.update_user(user)


def _close_journal(account: Account) -> None:
    """Have the journal say no more of the rotation; where it stays, the next start looks once more."""
    try:
        account.journal.close(account.user.id)
    except StorageError as error:
        account.become(replace(account.state, trouble=error))


def _is_new_set(new: wire.RecoveryCodes, old: tuple[object, ...]) -> bool:
    """Return whether an answer can be believed: a full set, each code once, and none of the old ones."""
    distinct = set(new.recovery_codes)
    return new.count == len(new.recovery_codes) == len(distinct) >= wire.SET_SIZE and distinct.isdisjoint(old)
