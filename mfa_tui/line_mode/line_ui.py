"""Prints messages and asks questions line by line, in the order in which a screen reader reads them.

It never moves the cursor or sets a colour: text is only added below.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.line_mode.spelling import Spelling
from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.terminal import browser, console
from mfa_tui.workflows import challenge, messages
from mfa_tui.workflows.prompt_ui import PromptUI
from mfa_tui.workflows.ui import BrowserLink, Confirmation

_KEY_GROUP = 4


class LineUI(PromptUI):
    """The `PromptUI` of the line mode.

    Every method that prints raises `OutputLostError` if the terminal is gone, every method that asks raises
    `InputEndedError` at the end of input.
    """

    is_interactive = True

    def show(self, message: str | Message | MfaTuiError) -> None:
        """Print a message, or the sentences of an error."""
        if isinstance(message, MfaTuiError):
            self.print_lines(message.message, message.impact, message.hint, message.details)
        else:
            self.print_lines(str(message))

    def show_progress(self, text: str) -> None:
        """Print the operation that is under way."""
        self.print_lines(f"{text}.")

    async def show_codes(self, account: Account) -> None:
        """Print the codes, numbered, in groups."""
        state = account.state
        codes = state.codes.recovery_codes if state.codes else ()
        if state.rotation_status is RotationStatus.UNKNOWN:
            self.show("It is not known whether these codes still work: they may have been replaced.")
        self.show("These are the codes:" if codes else "No code is left.")
        for slot in state.slots:
            console.print_text(f"{slot.number}. {messages.code_use(slot) if slot.code is None else _groups(slot.code)}")
        self.show(messages.SCROLLBACK)
        if state.codes is not None:
            await account.mark_shown(state.codes)

    def show_key(self, key: Secret) -> None:
        """Print the key of an authenticator app in groups, and spell it if the user asks for it."""
        symbols = key.reveal()
        groups = [symbols[at : at + _KEY_GROUP] for at in range(0, len(symbols), _KEY_GROUP)]
        self.print_lines("Type this key into your app, without the spaces:")
        console.print_text(" ".join(groups))
        if self.ask("Spell it?", ("No", "Yes")) == 1:
            spelling = Spelling(symbols)
            self.print_lines(spelling.case, *(spelling.of(group) for group in groups))

    async def confirm(self, confirmation: Confirmation) -> bool:
        """Print the consequences, and ask with the safe choice first."""
        self.print_lines(*confirmation.consequences, confirmation.reassurance)
        return self.ask(confirmation.question, (confirmation.cancel, confirmation.confirm)) == 1

    async def show_link(
        self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]
    ) -> HandoffProgress | None:
        """Print a link and its code, and wait for the browser. Ctrl+C quits."""
        self.print_lines(messages.with_full_stop(messages.IN_BROWSER), messages.compare_code(link))
        if link.tunnel:
            self.print_lines(messages.RUN_TUNNEL)
            console.print_text(link.tunnel)
        self.print_lines(messages.open_link(link))
        console.print_text(link.url.reveal())
        self.print_lines(messages.KEEP_LINK)
        if link.can_open and self.ask(messages.OPEN_BROWSER, ("Yes", "No")) == 0:
            await browser.open_page(link.url)
        self.show_progress(messages.WAITING_FOR_BROWSER)
        return await wait()

    async def step_up(self, account: Account) -> bool:
        """Ask for a factor before an action that needs a step-up; return whether one was given."""
        return await challenge.step_up(account, self)

    async def choose(self, question: str, choices: Sequence[str]) -> int:
        """Ask for one of the choices, and return its index."""
        return self.ask(question, choices)

    async def read_line(self, label: str) -> str:
        """Ask for a line of text."""
        return console.read_line(f"Type the {label}, and press Enter: ")

    async def read_secret(self, label: str) -> Secret | None:
        """Ask for a code without showing it; None if the line is empty."""
        return (
            console.read_secret(f"Type the {label}, or nothing to go back, and press Enter. Input is hidden: ") or None
        )

    def print_lines(self, *lines: str) -> None:
        """Print lines of prose; empty ones are left out."""
        for line in lines:
            if line:
                console.print_text(line, prose=True)

    def ask(self, question: str, choices: Sequence[str]) -> int:
        """Ask for one of the choices, and return its index."""
        self.print_lines(question)
        for number, choice in enumerate(choices, start=1):
            self.print_lines(messages.with_full_stop(f"{number}. {choice}"))
        while True:
            typed = console.read_line(f"Type a number from 1 to {len(choices)}, and press Enter: ")
            if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(choices):
                return int(typed) - 1
            self.print_lines("That is not one of the choices.")

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Print an error that is raised inside, and continue after it.

        Raises:
            NoTerminalError: The terminal is gone, or input ended.
        """
        try:
            yield
        except console.NoTerminalError:
            raise
        except MfaTuiError as error:
            self.show(error)


def _groups(code: Secret) -> str:
    return saved_codes.grouped(saved_codes.shown_symbols(code))
