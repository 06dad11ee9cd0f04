"""Where a person stands: the one thing that screens draw and by which every start and answer routes."""

from dataclasses import dataclass
from enum import Enum, auto

from mfa_tui.account import rules
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models
from mfa_tui.storage.sessions import Session


class Stage(Enum):
    """The stages, in the order in which they are asked for."""

    NO_SESSION = auto()
    CHALLENGE_PENDING = auto()
    CODES_NOT_CONFIRMED = auto()
    READY = auto()


SIGNED_IN = frozenset({Stage.CODES_NOT_CONFIRMED, Stage.READY})
"""The stages at which the codes can be read."""


class RotationOutcome(Enum):
    """How a rotation ended whose answer was lost, as far as reading the set back tells."""

    ROTATED = auto()
    NOT_ROTATED = auto()
    UNKNOWN = auto()
    """The set could not be read back, or says nothing: the old codes may be dead."""


@dataclass(frozen=True)
class State:
    """What is known of the person now. `codes` is None until they were read."""

    session: Session | None = None
    session_expired: bool = False
    """Whether there is no session because the last one ended by itself."""
    codes: models.RecoveryCodes | None = None
    rotation_outcome: RotationOutcome | None = None
    """How the last rotation ended, where its answer was lost; while in doubt, `codes` is the old set, if known."""
    warning: MfaTuiError | None = None
    """What went wrong beside the point: something could not be written down for the next start."""

    @property
    def stage(self) -> Stage:
        """Which of the stages this is."""
        if self.session is None:
            return Stage.NO_SESSION
        if rules.is_user_missing_mfa_auth(self.session.user):
            return Stage.CHALLENGE_PENDING
        if rules.is_pending_recovery_codes_acknowledgment(self.session.user):
            return Stage.CODES_NOT_CONFIRMED
        return Stage.READY

    @property
    def email(self) -> str:
        """Who is signed in; empty where nobody is or the account has no address."""
        return (self.session.user.email or "") if self.session else ""
