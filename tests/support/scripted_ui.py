"""A user interface whose answers a test writes down beforehand."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from mfa_tui.account.account import Account
from mfa_tui.errors import MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.workflows import challenge
from mfa_tui.workflows.ui import BrowserLink, Confirmation, Signed

Answer = str | bool | None


class ScriptedUI:
    """A `PromptUI` that gives the answers in order and keeps every message.

    Attributes:
        answers: The answers that are left: text for a line, a code or the name of a choice, whether a confirmation is
            confirmed, and None to go back.
        shown: The messages, errors and progress texts.
        asked: The labels and questions.
    """

    def __init__(self, *answers: Answer, is_interactive: bool = True) -> None:
        self.is_interactive = is_interactive
        self.answers = list(answers)
        self.shown: list[str] = []
        self.asked: list[str] = []
        self.confirmations: list[Confirmation] = []
        self.links: list[BrowserLink] = []

    def show(self, message: str | Message | MfaTuiError) -> None:
        self.shown.append(str(message))

    def show_progress(self, text: str) -> None:
        self.shown.append(text)

    def show_key(self, key: Secret) -> None:
        self.shown.append(key.reveal())

    def lend_terminal(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def show_codes(self, account: Account) -> None:
        assert account.state.codes is not None
        self.shown += [code.reveal() for code in account.state.codes.recovery_codes]
        await account.mark_shown(account.state.codes)

    async def confirm(self, confirmation: Confirmation) -> bool:
        self.confirmations.append(confirmation)
        answer = self._answer(confirmation.question)
        assert isinstance(answer, bool)
        return answer

    async def show_link(
        self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]
    ) -> HandoffProgress | None:
        self.links.append(link)
        answer = self._answer(link.url.reveal())
        return await wait() if answer else None

    async def wait_for_key(self, work: Callable[[], Awaitable[Signed]]) -> Signed | None:
        return await work()

    async def step_up(self, account: Account) -> bool:
        return await challenge.step_up(account, self)

    async def choose(self, question: str, choices: Sequence[str]) -> int:
        answer = self._answer(question)
        assert isinstance(answer, str)
        return choices.index(answer)

    async def read_line(self, label: str) -> str:
        answer = self._answer(label)
        assert isinstance(answer, str)
        return answer

    async def read_secret(self, label: str) -> Secret | None:
        answer = self._answer(label)
        assert not isinstance(answer, bool)
        return None if answer is None else Secret(answer)

    def _answer(self, question: str) -> Answer:
        self.asked.append(question)
        assert self.answers, f"no answer is left for: {question}"
        return self.answers.pop(0)
