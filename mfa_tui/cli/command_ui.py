"""Prints messages to stderr and asks on the terminal, or reads lines from stdin, for the commands."""

from collections.abc import Awaitable, Callable, Sequence

from mfa_tui.account.account import Account
from mfa_tui.errors import MfaTuiError, UsageError
from mfa_tui.formatting import Message
from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.terminal import browser, console
from mfa_tui.workflows import challenge, messages
from mfa_tui.workflows.prompt_ui import PromptUI
from mfa_tui.workflows.ui import BrowserLink, Confirmation

YES = "yes"


class CommandUI(PromptUI):
    """The `PromptUI` of the commands.

    Args:
        assume_yes: Whether to confirm without asking.
    """

    def __init__(self, *, assume_yes: bool = False) -> None:
        self.is_interactive = console.is_interactive()
        self._assume_yes = assume_yes

    def show(self, message: str | Message | MfaTuiError) -> None:
        """Print a message or an error."""
        if text := str(message):
            console.print_message(text)

    def show_progress(self, text: str) -> None:
        """Print nothing: a command prints results only."""

    async def show_codes(self, account: Account) -> None:
        """Print nothing: a command with codes as its result has a UI of its own."""

    def show_key(self, key: Secret) -> None:
        """Print nothing: `mfa-tui apps add` prints the key itself, as its result."""

    async def confirm(self, confirmation: Confirmation) -> bool:
        """Print the consequences, and ask for a yes.

        Raises:
            UsageError: The user cannot be asked.
        """
        for sentence in (*confirmation.consequences, confirmation.reassurance):
            self.show(sentence)
        if not self._assume_yes and not self.is_interactive:
            hint = f"Give --yes to {confirmation.action} without being asked."
            raise UsageError("stdin is not a terminal.", hint=hint)
        return self._assume_yes or console.read_line(f"Type {YES} to {confirmation.action}: ").lower() == YES

    async def show_link(
        self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]
    ) -> HandoffProgress | None:
        """Print a link and its code, and wait for the browser. Ctrl+C quits."""
        self.show(messages.with_full_stop(messages.IN_BROWSER))
        self.show(messages.compare_code(link))
        if link.tunnel:
            self.show(messages.RUN_TUNNEL)
            console.print_message(link.tunnel, prose=False)
        self.show(messages.open_link(link))
        console.print_message(link.url.reveal(), prose=False)
        self.show(messages.KEEP_LINK)
        if link.can_open and await self.choose(messages.OPEN_BROWSER, ("yes", "no")) == 0:
            await browser.open_page(link.url)
        return await wait()

    async def step_up(self, account: Account) -> bool:
        """Ask for a factor before an action that needs a step-up; return whether one was given."""
        return await challenge.step_up(account, self)

    async def choose(self, question: str, choices: Sequence[str]) -> int:
        """Ask for one of the choices by number, and return its index."""
        listed = ", ".join(f"{number} {choice}" for number, choice in enumerate(choices, start=1))
        while True:
            typed = console.read_line(f"{question} {listed}: ")
            if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(choices):
                return int(typed) - 1

    async def read_line(self, label: str) -> str:
        """Ask for a line of text, or read one from stdin."""
        return console.read_line(f"{label[:1].upper()}{label[1:]}: ")

    async def read_secret(self, label: str) -> Secret | None:
        """Ask for a code without showing it, or read a line from stdin; None if it is empty."""
        secret = console.read_secret(f"{label[:1].upper()}{label[1:]}, not shown as you type: ")
        return secret if secret or not self.is_interactive else None
