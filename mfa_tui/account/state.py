"""The state of an account: what front ends render and navigate by."""

from enum import Enum, auto

import msgspec

from mfa_tui.account import rules
from mfa_tui.account.errors import NewCodesNotReturnedError, RotationUnknownError
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.storage.sessions import Session
from mfa_tui.storage.set_record import SetRecord


class Stage(Enum):
    """The next task of the user, in this order."""

    NO_SESSION = auto()
    """Sign in."""
    CHALLENGE_PENDING = auto()
    """Complete the MFA challenge."""
    CODES_NOT_CONFIRMED = auto()
    """Save the codes, and confirm that they are saved."""
    READY = auto()
    """Nothing."""


SIGNED_IN = frozenset({Stage.CODES_NOT_CONFIRMED, Stage.READY})
"""The stages in which the codes can be read."""


class RotationStatus(Enum):
    """Whether a rotation replaced the set."""

    ROTATED = auto()
    NOT_ROTATED = auto()
    UNKNOWN = auto()
    """The set could not be read back: the old codes may not work any more."""
    UNDETERMINED = auto()
    """The set was read back, but the one before it is not known: it may be the same."""
    ELSEWHERE = auto()
    """Another program or device replaced the set."""


class CodeSlot(msgspec.Struct, frozen=True):
    """A position of the set: its number, and its code, or None and when and where the code was used."""

    number: int
    code: Secret | None
    used_at: int = 0
    """When it was used here, or when it was noticed that it was used elsewhere, in unix seconds."""
    used_here: bool = False


class State(msgspec.Struct, frozen=True):
    """Everything known about the user. Each change makes a new state, which subscribers receive."""

    session: Session | None = None
    session_expired: bool = False
    """Whether the last session ended without the user signing out."""
    codes: models.RecoveryCodes | None = None
    """The unused codes; None until they are read, and after one of them may have been used."""
    numbers: tuple[int, ...] = ()
    """The number of each of `codes` in its set, which stays when others are used."""
    record: SetRecord | None = None
    """The record of the set: what was shown, saved, confirmed and used; None until it is read."""
    rotation_status: RotationStatus | None = None
    """How the set came to be, if it is not the one that was known, or while a rotation is open. While it is `UNKNOWN`,
    `codes` is the old set, if known."""
    warning: MfaTuiError | None = None
    """A problem beside the current operation: something could not be stored for the next start."""

    @property
    def stage(self) -> Stage:
        """The current stage."""
        if self.session is None:
            return Stage.NO_SESSION
        if rules.is_user_missing_mfa_auth(self.session.user):
            return Stage.CHALLENGE_PENDING
        if rules.is_pending_recovery_codes_acknowledgment(self.session.user):
            return Stage.CODES_NOT_CONFIRMED
        return Stage.READY

    @property
    def has_codes(self) -> bool:
        """Whether a set exists, and the user is signed in; reading the codes of an account without one creates it."""
        user = self.session.user if self.session and self.stage in SIGNED_IN else None
        return user is not None and user.mfa_backup_code_acknowledgement is not None

    @property
    def rotation_unseen(self) -> bool:
        """Whether the set was replaced since a rotation was requested here, and the new codes were not shown here."""
        return self.record is not None and self.record.has_unseen_rotation

    @property
    def is_saved(self) -> bool:
        """Whether this program has saved the codes to a place."""
        return self.record is not None and self.record.current is not None and bool(self.record.current.saved)

    @property
    def numbered_codes(self) -> dict[int, Secret]:
        """The unused codes, by their numbers in the set."""
        codes = self.codes.recovery_codes if self.codes else ()
        numbers = self.numbers if len(self.numbers) == len(codes) else range(1, len(codes) + 1)
        return dict(zip(numbers, codes, strict=True))

    @property
    def slots(self) -> tuple[CodeSlot, ...]:
        """All positions of the set, those of used codes too; only the unused ones if the record is of another set."""
        unused = [CodeSlot(number, code) for number, code in self.numbered_codes.items()]
        recorded = self.record.current.codes if self.record and self.record.current else ()
        used = [
            CodeSlot(number, None, code.used_at, code.used_here)
            for number, code in enumerate(recorded, start=1)
            if code.used_at is not None
        ]
        is_known = self.codes is not None and sorted(slot.number for slot in (*unused, *used)) == list(
            range(1, len(recorded) + 1)
        )
        return tuple(sorted((*unused, *used) if is_known else unused, key=lambda slot: slot.number))

    @property
    def email(self) -> str:
        """The user's e-mail address; empty if no session exists or the account has none."""
        return (self.session.user.email or "") if self.session else ""

    @property
    def codes_problem(self) -> RotationUnknownError | NewCodesNotReturnedError | None:
        """The reason why `codes` cannot be shown as the working set; None if they can."""
        if self.rotation_status is RotationStatus.UNKNOWN:
            return RotationUnknownError()
        if self.rotation_status is RotationStatus.ROTATED and self.codes is None:
            return NewCodesNotReturnedError()
        return None
