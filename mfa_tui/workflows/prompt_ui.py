"""The protocol of the front ends that print lines: the line mode and the commands."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from mfa_tui.redaction import Secret
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, Signed


class PromptUI(UI, Protocol):
    """A `UI` that prints lines, and asks with one prompt after the other. A screen has fields of its own instead."""

    def lend_terminal(self) -> AbstractContextManager[None]:
        """Lend nothing: between two lines, the terminal is free."""
        return nullcontext()

    async def wait_for_key(self, work: Callable[[], Awaitable[Signed]]) -> Signed | None:
        """Ask to touch the security key, and wait. Ctrl+C quits."""
        self.show(messages.TOUCH_KEY)
        return await work()

    def show_key(self, key: Secret) -> None:
        """Show the key of an authenticator app."""

    async def choose(self, question: str, choices: Sequence[str]) -> int:
        """Ask for one of the choices, and return its index."""
