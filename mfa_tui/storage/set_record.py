"""The record of an account's set of codes: what was requested, received, shown, saved, confirmed and used.

It holds no code: a code is known by a salted, slow hash, its fingerprint, and by its position in the set. By it a later
start, or another program of this user, distinguishes the set from the one before and the one after it.
"""

import hashlib
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Self

from msgspec import Meta
from msgspec.structs import replace

from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.storage.boot_time import BootTime

COST = 12
"""The binary logarithm of scrypt's cost in a new record: 4 MiB and about 10 ms a code. Any of ten codes of 50 bits is
found after some 40,000 years of one core."""

_MIN_DIGEST_CODES = 4
"""Four codes of 50 bits, hashed together, are 200 bits: nobody guesses them, however fast the hash is."""

_MAX_PLACE = 16_384
"""Characters of the longest place: a path has at most 4096 bytes, each of which is escaped with four."""

_MAX_COPIES = 8
"""The newest places that are kept."""

Hex = Annotated[str, Meta(pattern="^[0-9a-f]{32}(?!\\n)$")]
Place = Annotated[str, Meta(max_length=_MAX_PLACE)]


class RecordedCode(models.Message, frozen=True, kw_only=True):
    """A code of a set, at its position. `used_at` is when it was used here or, if not here, noticed to be gone."""

    fingerprint: Hex
    used_at: models.UnixTime | None = None
    used_here: bool = False


class SavedCopy(models.Message, frozen=True, kw_only=True):
    """A place to which the set was written: the path of a file, or a name such as `printer`."""

    place: Place
    at: models.UnixTime


class RecordedSet(models.Message, frozen=True, kw_only=True):
    """A set of codes in its order, and what the user has of it. Times are in unix seconds."""

    codes: Annotated[tuple[RecordedCode, ...], Meta(max_length=64)]
    digest: Hex | None = None
    """A fast hash of all unused codes in their order, by which a start recognizes the set at once."""
    received_at: models.UnixTime
    shown_at: models.UnixTime | None = None
    saved: Annotated[tuple[SavedCopy, ...], Meta(max_length=_MAX_COPIES)] = ()
    confirmed_at: models.UnixTime | None = None

    @property
    def unused(self) -> tuple[str, ...]:
        """The fingerprints of the unused codes."""
        return tuple(code.fingerprint for code in self.codes if code.used_at is None)

    def holds(self, fingerprints: Sequence[str]) -> bool:
        """Return whether all of these are codes of this set. An empty sequence is part of every set."""
        return {code.fingerprint for code in self.codes}.issuperset(fingerprints)

    def shares_a_code(self, fingerprints: Sequence[str]) -> bool:
        """Return whether any of these is a code of this set."""
        return any(code.fingerprint in fingerprints for code in self.codes)

    def with_unused(self, fingerprints: Sequence[str], now: int) -> Self:
        """Return this set with these codes unused and all others used, noticed now unless known before."""
        codes = tuple(
            RecordedCode(fingerprint=code.fingerprint)
            if code.fingerprint in fingerprints
            else (code if code.used_at is not None else replace(code, used_at=now))
            for code in self.codes
        )
        return replace(self, codes=codes)


class Rotation(models.Message, frozen=True, kw_only=True):
    """A rotation that was requested and is open: the new set was not shown, or the old one may still be replaced.

    `acknowledged` says whether the user had confirmed the old set, `old_is_known` whether that set was read just before
    the request, and `has_replaced` whether the live set is another one than the record's at the request.
    """

    requested: BootTime
    requested_at: models.UnixTime
    acknowledged: bool = False
    old_is_known: bool = False
    has_replaced: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it is certain that the request was handled, so that it replaces nothing later."""
        return self.has_replaced and self.old_is_known


class CodeUse(models.Message, frozen=True, kw_only=True):
    """A code that was sent to be used, without a recorded outcome yet; its number is None if not known."""

    at: models.UnixTime
    number: Annotated[int, Meta(ge=1, le=64)] | None


class SetRecord(models.Message, frozen=True, kw_only=True):
    """The record of one account: its set, the set before it, and the requests without a known outcome.

    A record is a value: each method returns a changed copy. Those that take codes need about 10 ms per new code.
    """

    salt: Hex
    cost: Annotated[int, Meta(ge=1, le=15)]
    current: RecordedSet | None = None
    previous: RecordedSet | None = None
    rotation: Rotation | None = None
    use: CodeUse | None = None

    @classmethod
    def new(cls) -> Self:
        """Return an empty record."""
        return cls(salt=secrets.token_hex(16), cost=COST)

    @property
    def has_unseen_rotation(self) -> bool:
        """Whether the set was replaced since a rotation was requested, and the new one was not shown."""
        return self.rotation is not None and self.rotation.is_done and not self.is_shown

    @property
    def is_shown(self) -> bool:
        """Whether the set was shown or saved."""
        return self.current is not None and self.current.shown_at is not None

    def fingerprints(self, codes: Sequence[Secret]) -> tuple[str, ...]:
        """Return the fingerprint of each code: at once if these are the unused codes of the recorded set."""
        if self.current is not None and self.current.digest == _digest(codes, self.salt) is not None:
            unused = self.current.unused
            if len(unused) == len(codes):
                return unused
        return tuple(_fingerprint(code, self.salt, self.cost) for code in codes)

    def holds(self, codes: Sequence[Secret]) -> bool:
        """Return whether the codes are of the recorded set."""
        return self.current is not None and self.current.holds(self.fingerprints(codes))

    def numbers(self, codes: Sequence[Secret]) -> tuple[int, ...]:
        """Return the number of each code in the set; the plain order if the set is another one."""
        found = self.fingerprints(codes)
        if self.current is None or not self.current.holds(found):
            return tuple(range(1, len(codes) + 1))
        known = [code.fingerprint for code in self.current.codes]
        return tuple(known.index(fingerprint) + 1 for fingerprint in found)

    def is_new(self, codes: Sequence[Secret]) -> bool:
        """Return whether none of the codes is of a set that the record knows."""
        found = self.fingerprints(codes)
        return not any(known.shares_a_code(found) for known in (self.current, self.previous) if known)

    def with_request(self, now: int, *, acknowledged: bool, old_is_known: bool) -> Self:
        """Return the record of a rotation that is about to be requested.

        If one is open already, this one is dated now, and it is compared with the same old set unless that is known.
        """
        earlier = self.rotation or Rotation(requested=BootTime.now(), requested_at=now)
        rotation = Rotation(
            requested=BootTime.now(),
            requested_at=now,
            acknowledged=acknowledged or earlier.acknowledged,
            old_is_known=old_is_known or (earlier.old_is_known and not earlier.has_replaced),
        )
        return replace(self, rotation=rotation)

    def in_doubt(self, now: int) -> Self:
        """Return the record with a rotation that may be under way from now on."""
        rotation = self.rotation or Rotation(requested=BootTime.now(), requested_at=now)
        return replace(self, rotation=replace(rotation, requested=BootTime.now(), requested_at=now))

    def without_rotation(self) -> Self:
        """Return the record without an open rotation."""
        return replace(self, rotation=None)

    def with_new_set(self, codes: Sequence[Secret] | None, now: int) -> Self:
        """Return the record with the set that a rotation made; None if the service does not return it."""
        return replace(
            self,
            current=None if codes is None else self._new_set(codes, now),
            previous=self.current or self.previous,
            rotation=self.rotation and replace(self.rotation, has_replaced=True),
            use=None,
        )

    def with_rotated_set(self, codes: Sequence[Secret], now: int) -> Self:
        """Return the record with the set that the service has returned for a rotation."""
        record = self.with_new_set(codes, now)
        return replace(record, rotation=record.rotation and replace(record.rotation, old_is_known=True))

    def with_live_set(self, codes: Sequence[Secret], now: int) -> Self:
        """Return the record after the service has returned the unused codes.

        A known set keeps its positions: its missing codes are noted as used. Another set takes its place.
        """
        found = self.fingerprints(codes)
        if self.current is not None and self.current.holds(found):
            current = self.current.with_unused(found, now)
            digest = _digest(codes, self.salt) if current.unused == found else None
            return replace(self, current=replace(current, digest=digest))
        if found and self.previous is not None and self.previous.holds(found):
            # The response to a rotation was not true, so the request may still be under way.
            record = self.without_rotation().with_request(now, acknowledged=False, old_is_known=True)
            return replace(record, current=self.previous.with_unused(found, now), previous=None)
        if self.rotation is not None and self.rotation.has_replaced:
            return self.with_rotated_set(codes, now)  # a second change since the request: that is over now
        return self.with_new_set(codes, now)

    def with_shown(self, codes: Sequence[Secret], now: int, *, place: str | None = None) -> Self:
        """Return the record after the codes were shown or, if a place is named, saved there.

        Codes of another set than the recorded one change nothing.
        """
        if self.current is None or not self.holds(codes):
            return self
        copies = () if place is None else (SavedCopy(place=place[:_MAX_PLACE], at=now),)
        saved = (*self.current.saved, *copies)[-_MAX_COPIES:]
        return replace(self, current=replace(self.current, shown_at=self.current.shown_at or now, saved=saved))

    def closed(self, *, may_be_under_way: bool) -> Self:
        """Return the record without its rotation, if nothing about that is open any more.

        A rotation that is done is closed by the new set having been shown. Any other one is closed once its request
        cannot be under way any more: if the set is the one before the request, or was shown after it.
        """
        rotation = self.rotation
        if rotation is None or (may_be_under_way and not rotation.is_done):
            return self
        return self.without_rotation() if self.is_shown or not rotation.has_replaced else self

    def with_confirmation(self, codes: Sequence[Secret], now: int) -> Self:
        """Return the record after the service has taken the confirmation of the codes."""
        record = self.with_shown(codes, now)
        if record.current is None or not record.holds(codes):
            return record
        return replace(record, current=replace(record.current, confirmed_at=now))

    def with_use(self, code: Secret, now: int) -> Self:
        """Return the record of a code that is about to be sent."""
        known = [] if self.current is None else [known.fingerprint for known in self.current.codes]
        either = self.fingerprints([code, Secret(code.reveal().upper())])  # some services ignore the case
        number = next((known.index(one) + 1 for one in either if one in known), None)
        return replace(self, use=CodeUse(at=now, number=number))

    def with_used(self) -> Self:
        """Return the record after the service has accepted the code that was sent."""
        use, current = self.use, self.current
        if use is None or use.number is None or current is None or use.number > len(current.codes):
            return replace(self, use=None)
        codes = list(current.codes)
        codes[use.number - 1] = replace(codes[use.number - 1], used_at=use.at, used_here=True)
        return replace(self, current=replace(current, codes=tuple(codes)), use=None)

    def without_use(self) -> Self:
        """Return the record without a code that was sent."""
        return replace(self, use=None)

    def _new_set(self, codes: Sequence[Secret], now: int) -> RecordedSet:
        fingerprints = self.fingerprints(codes)
        recorded = tuple(RecordedCode(fingerprint=one) for one in fingerprints)
        return RecordedSet(codes=recorded, digest=_digest(codes, self.salt), received_at=now)


def _digest(codes: Sequence[Secret], salt: str) -> str | None:
    """Return a fast hash of the codes; None if they are so few that a fast hash would make them easy to guess."""
    if len(codes) < _MIN_DIGEST_CODES:
        return None
    text = "\n".join([salt, *(code.reveal() for code in codes)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=256)
def _fingerprint(code: Secret, salt: str, cost: int) -> str:
    salted = bytes.fromhex(salt)
    return hashlib.scrypt(code.reveal().encode(), salt=salted, n=2**cost, r=8, p=1, maxmem=2**26, dklen=16).hex()
