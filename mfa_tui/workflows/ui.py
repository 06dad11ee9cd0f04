"""The protocol that a front end implements to run a workflow."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from mfa_tui.account.account import Account
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret

Signed = TypeVar("Signed")
"""What a security key has signed."""


class Confirmation(msgspec.Struct, frozen=True):
    """A question before something that cannot be undone.

    Attributes:
        question: The question, as a title.
        consequences: The consequences of confirming, as sentences.
        cancel: The label of the safe choice, which comes first.
        confirm: The label of the other choice.
        action: The effect of confirming, as a verb phrase.
        reassurance: A reason to confirm, as a sentence; may be left out if the window is small.
    """

    question: str
    consequences: tuple[str, ...]
    cancel: str
    confirm: str
    action: str
    reassurance: str = ""


class BrowserLink(msgspec.Struct, frozen=True):
    """A link for the user's browser, and the code that the page must show.

    Attributes:
        url: The link, which works once and for a few minutes.
        code: The code.
        seconds: How long the link works.
        tunnel: The command that makes the page reachable from the user's own machine; empty if it is.
        can_open: Whether this program can open the browser.
    """

    url: Secret
    code: str
    seconds: int
    tunnel: str
    can_open: bool

    @property
    def is_for_any_device(self) -> bool:
        """Whether another device, such as a phone, can open it: one at localhost works on this machine only."""
        return urlsplit(self.url.reveal()).hostname != "localhost"


class UI(Protocol):
    """Shows messages and asks for consent: the screens, the line mode and the commands implement it."""

    is_interactive: bool
    """Whether the user can be asked again. If not, a workflow raises the error instead."""

    def show(self, message: str | Message | MfaTuiError) -> None:
        """Show a message or an error."""

    def show_progress(self, text: str) -> None:
        """Show the operation that is under way, such as `Checking`."""

    def lend_terminal(self) -> AbstractContextManager[None]:
        """Give the terminal to another program, which may ask the user there, until the context ends."""

    async def show_codes(self, account: Account) -> None:
        """Show the codes of the account's state, or save them, and report it to the account.

        Nothing is requested of the service before that: it may be the only time that they arrive.

        Raises:
            MfaTuiError: They could not be shown or saved.
        """

    async def confirm(self, confirmation: Confirmation) -> bool:
        """Ask the question, and return whether the user confirmed."""

    async def read_secret(self, label: str) -> Secret | None:
        """Ask for a secret without showing it; None if the user goes back.

        Raises:
            InputEndedError: Input ended.
        """

    async def read_line(self, label: str) -> str:
        """Ask for a line of text; empty if the user goes back.

        Raises:
            InputEndedError: Input ended.
        """

    async def show_link(
        self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]
    ) -> HandoffProgress | None:
        """Show a link and its code until `wait` returns, and return its result; None if the user goes back.

        Raises:
            MfaTuiError: `wait` has raised it.
        """

    async def wait_for_key(self, work: Callable[[], Awaitable[Signed]]) -> Signed | None:
        """Ask to touch the security key until `work` returns, and return its result; None if the user goes back.

        Raises:
            MfaTuiError: `work` has raised it.
        """

    async def step_up(self, account: Account) -> bool:
        """Ask for a factor before an action that needs a step-up; return whether one was given.

        Raises:
            MfaTuiError: It was not accepted.
        """
