"""Leaving codes that are not proven saved."""

from mfa_tui.tui.screens.confirm import ConfirmScreen


class QuitScreen(ConfirmScreen):
    """Warns that the codes are not proven saved, and asks."""

    def __init__(self) -> None:
        super().__init__(
            "Leave without saving?",
            "These codes are not proven saved. They work, and the next start comes back to them; but if you lose "
            "your phone and this session before that, you are locked out.",
            stay="Stay",
            go_on="Leave all the same",
        )
