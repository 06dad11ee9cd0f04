"""Errors of a rotation: nothing is replaced yet, the new codes are lost, or it is not certain that they work.

`account.errors` has those that an account raises.
"""

from mfa_tui.errors import ExitCode, MfaTuiError


class NotRotatedError(MfaTuiError):
    """The response was lost; the set was read back and is the old one so far."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "Nothing was replaced so far: the set was read back, and it is the old one.",
            impact="Your old codes are valid; any others that were shown for this rotation are not. Its request may "
            "still be under way for two minutes.",
            hint="After that, mfa-tui codes says for certain whether they were replaced.",
        )


class RotationUndeterminedError(MfaTuiError):
    """The response was lost; the set was read back, but the one before it is not known."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether the codes were replaced: no response arrived, and the old set was not listed.",
            impact="The codes that were shown now are the ones that work.",
            hint="Compare your copies with them.",
        )


class RotationUncheckedError(MfaTuiError):
    """The new codes arrived and were shown, but could not be read back."""

    exit_code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "The new codes could not be read back, so it is not certain yet that they are the ones that work.",
            impact="Keep them and the old ones.",
            hint="Run mfa-tui codes: it shows the ones that work.",
        )


class ReplacedAgainError(MfaTuiError):
    """Another program or device replaced the set right after this one."""

    exit_code = ExitCode.NOT_KEPT

    def __init__(self) -> None:
        super().__init__(
            "Another program or device replaced the codes right after this rotation.",
            impact="The codes that this rotation showed or saved no longer work, nor do older ones.",
            hint="Show the ones that work: mfa-tui codes.",
        )


class NewCodesLostError(MfaTuiError):
    """The set was replaced, but the new codes could not be printed or saved.

    Args:
        cause: Why not.
    """

    exit_code = ExitCode.NOT_KEPT

    def __init__(self, cause: MfaTuiError) -> None:
        super().__init__(
            f"{cause.message} The codes were replaced nevertheless.",
            impact="The new codes are at the service.",
            hint="Show them with mfa-tui codes, and save them.",
        )
