"""The status message: the result of the last action, and the next step."""

from textual.content import Content
from textual.widgets import Static

from mfa_tui.errors import MfaTuiError
from mfa_tui.terminal.console import hints


class StatusMessage(Static):
    """A heading and a few sentences. They are never parsed as markup: they may contain text from a service."""

    DEFAULT_CSS = """
    StatusMessage {
        height: auto;
        max-width: 72;
        margin-top: 1;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._latest: Content | None = None
        self._has_question = False
        self.shows_progress = False
        """Whether the latest message is that something is under way."""

    def on_resize(self) -> None:
        """Keep the focused field in view: in a small window, a longer message pushes it out."""
        if self.screen.focused is not None:
            self.call_after_refresh(self.screen.focused.scroll_visible, animate=False)

    def show(self, heading: str, sentences: str, style: str = "bold") -> None:
        """Show a heading with sentences under it; if a question is shown, after the user's response to it."""
        self.shows_progress = False
        self._latest = _content(heading, sentences, style)
        if not self._has_question:
            self.update(self._latest)

    def show_progress(self, text: str) -> None:
        """Show the operation that is under way."""
        self.show(f"{text}…", "")
        self.shows_progress = True

    def ask(self, question: str, choices: str) -> None:
        """Show a question, which no other message replaces until `end_question`."""
        self._has_question = True
        self.update(_content(question, choices))

    def end_question(self) -> None:
        """Show the latest message in place of the question, if there is one."""
        if self._has_question:
            self._has_question = False
            self.update(self._latest or "")

    def show_error(self, error: MfaTuiError, hint: str | None = None) -> None:
        """Show an error: what happened, what it means for the codes, and what to do next, here if `hint` says it."""
        sentences = f"{error.impact} {hint or error.hint}"
        self.show(error.message, "\n".join(filter(None, (sentences, error.details))), "$text-error bold")


def _content(heading: str, sentences: str, style: str = "bold") -> Content:
    return Content.assemble((hints.complete(heading), style), "\n", hints.complete(sentences))
