"""What to do next, and what came of what was done."""

from textual.content import Content
from textual.widgets import Static

from mfa_tui.errors import MfaTuiError


class StatusMessage(Static):
    """A heading and a few sentences. It never takes markup: what a service said may stand in it."""

    def show(self, heading: str, sentences: str) -> None:
        """Show a heading with sentences under it."""
        self.update(Content.assemble((heading, "bold"), "\n", sentences))

    def show_error(self, error: MfaTuiError) -> None:
        """Show what happened, what it means for the codes, and what to do next."""
        self.show(error.message, " ".join(filter(None, (error.impact, error.hint, error.details))))
