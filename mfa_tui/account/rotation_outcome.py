"""What a face says of a rotation whose answer was lost, and what is wrong then."""

from mfa_tui.account.state import RotationOutcome, State
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.formatting import Message


class NotRotatedError(MfaTuiError):
    """The set was read back, and is the old one."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing was replaced so far: the answer was lost, so the set was read back, and it is the old one.",
            impact="Your old codes are valid.",
            hint="Rotate again when the service answers.",
        )


class RotationUnknownError(MfaTuiError):
    """The set could not be read back."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether the codes were replaced: the answer was lost, and the set cannot be read back.",
            impact="Keep the old codes, but do not trust them yet.",
            hint="Look again with mfa-tui codes: it finds out, and does not rotate again.",
        )


class NewCodesNotReturnedError(MfaTuiError):
    """The set was replaced, and the service does not show the new one."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced, and the service does not show the new ones.",
            impact="The old codes no longer work.",
            hint="Rotate once more, for a set that you can see.",
        )


class UnseenCodesError(MfaTuiError):
    """The set was replaced without anybody having seen the new one."""

    def __init__(self) -> None:
        super().__init__(
            "The codes were replaced, which was not known until now: the answer had been lost.",
            impact="The old codes no longer work; the new ones are at the service.",
            hint="See them with mfa-tui codes, save them, and then say so.",
        )


def problem(state: State) -> RotationUnknownError | NewCodesNotReturnedError | None:
    """Return what stands in the way of showing the set as the one that works; None where nothing does."""
    if state.rotation_outcome is RotationOutcome.UNKNOWN:
        return RotationUnknownError()
    if state.rotation_outcome is RotationOutcome.ROTATED and state.codes is None:
        return NewCodesNotReturnedError()
    return None


def require_old_set(state: State) -> None:
    """Make sure that a rotation just settled has left the set that the person has.

    Raises:
        RotationUnknownError: That is not known.
        UnseenCodesError: It has not.
    """
    if state.rotation_outcome is RotationOutcome.UNKNOWN:
        raise RotationUnknownError
    if state.rotation_outcome is RotationOutcome.ROTATED:
        raise UnseenCodesError


def reconcile_message(state: State) -> Message | None:
    """Return what reading the set back has shown; None where no answer was lost."""
    if state.rotation_outcome is RotationOutcome.ROTATED:
        return Message(
            "The codes were replaced: these are the new ones",
            "The answer had been lost, so the set was read back. The old codes no longer work.",
        )
    if state.rotation_outcome is RotationOutcome.NOT_ROTATED:
        return Message(
            "Nothing was replaced so far: your old codes are valid",
            "The answer had been lost, so the set was read back, and it is the old one.",
        )
    return None
