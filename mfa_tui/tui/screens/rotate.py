"""Confirming a rotation."""

from mfa_tui.account.rotation import Readiness
from mfa_tui.tui.screens.confirm import ConfirmScreen


class RotateScreen(ConfirmScreen):
    """Says what is missing for a safe rotation, how many unused codes it kills, and asks.

    Args:
        readiness: What was found before.
    """

    def __init__(self, readiness: Readiness) -> None:
        super().__init__(
            "Replace all recovery codes?",
            "\n\n".join([*readiness.problems, readiness.consequence]),
            readiness.checks_passed,
            stay="Keep the existing codes",
            go_on="Replace them",
        )
