"""What a face says of a rotation whose answer was lost, and what is wrong then."""

from mfa_tui.account.state import Ending, State
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.words import Told


class NotRotatedError(MfaTuiError):
    """The set was read back, and is the old one."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing was replaced so far: the answer was lost, so the set was read back, and it is the old one.",
            codes="Your old codes are valid.",
            next_step="Rotate again when the service answers.",
        )


class InDoubtError(MfaTuiError):
    """The set could not be read back."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether the codes were replaced: the answer was lost, and the set cannot be read back.",
            codes="Keep the old codes, but do not trust them yet.",
            next_step="Look again with mfa-tui codes: it finds out, and does not rotate again.",
        )


class NewSetWithheldError(MfaTuiError):
    """The set was replaced, and the service does not show the new one."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced, and the service does not show the new ones.",
            codes="The old codes no longer work.",
            next_step="Rotate once more, for a set that you can see.",
        )


class UnseenSetError(MfaTuiError):
    """The set was replaced without anybody having seen the new one."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced, which was not known until now: the answer had been lost.",
            codes="The old codes no longer work; the new ones are at the service.",
            next_step="See them with mfa-tui codes, save them, and then say so.",
        )


def trouble(state: State) -> InDoubtError | NewSetWithheldError | None:
    """Return what stands in the way of showing the set as the one that works; None where nothing does."""
    if state.ending is Ending.IN_DOUBT:
        return InDoubtError()
    if state.ending is Ending.ROTATED and state.codes is None:
        return NewSetWithheldError()
    return None


def require_old_set(state: State) -> None:
    """Make sure that a rotation just settled has left the set that the person has.

    Raises:
        InDoubtError: That is not known.
        UnseenSetError: It has not.
    """
    if state.ending is Ending.IN_DOUBT:
        raise InDoubtError
    if state.ending is Ending.ROTATED:
        raise UnseenSetError


def news(state: State) -> Told | None:
    """Return what reading the set back has shown; None where no answer was lost."""
    if state.ending is Ending.ROTATED:
        return Told(
            "The codes were replaced: these are the new ones",
            "The answer had been lost, so the set was read back. The old codes no longer work.",
        )
    if state.ending is Ending.NOT_ROTATED:
        return Told(
            "Nothing was replaced so far: your old codes are valid",
            "The answer had been lost, so the set was read back, and it is the old one.",
        )
    return None
