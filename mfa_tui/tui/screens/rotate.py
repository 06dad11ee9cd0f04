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
            "\n\n".join([*readiness.missing, _dying(readiness.unused)]),
            readiness.given,
            stay="Keep the existing codes",
            go_on="Replace them",
        )


def _dying(unused: int | None) -> str:
    if unused == 0:
        return "No unused code is left, so none is lost."
    codes = {None: "All unused codes stop", 1: "1 unused code stops"}.get(unused, f"{unused} unused codes stop")
    return f"{codes} working at once, wherever kept: on paper, in files, in a password manager. This cannot be undone."
