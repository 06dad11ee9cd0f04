"""What each full screen has: who and where at the top, what to do next, the keys at the bottom; and jobs."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from mfa_tui import log
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.errors import MfaTuiError
from mfa_tui.log import Event
from mfa_tui.tui.secure_app import SecureApp
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.tui.widgets.header import Header
from mfa_tui.tui.widgets.status_message import StatusMessage

Job = Callable[[], Coroutine[None, None, None]]


class AccountScreen(Screen[bool]):
    """A full screen of the account. What stands between its title and its advice is the subclass's."""

    ALLOW_SELECT: ClassVar[bool] = False
    SHOWS_SECRETS: ClassVar[bool] = False
    """Whether codes stand on it, so that a key that uncovers them does nothing else."""
    HEADING: ClassVar[str]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]

    busy: var[bool] = var(default=False, init=False, bindings=True)
    """Whether a job is under way: no other is started meanwhile."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self.header = Header(account)
        self.detail = Static(id="detail")
        self.status = StatusMessage()
        self.footer = Footer()
        self.quit_warning = ""
        """What leaving now would mean, as a sentence; empty where it means nothing."""
        self.is_reading = False
        """Whether the job under way only reads: an action chosen meanwhile follows it."""
        self._next: tuple[Job, str] | None = None
        self.notice = Static(id="notice")
        """What is beside the point, but good to know."""

    def compose(self) -> ComposeResult:
        """Lay the screen out, top to bottom."""
        yield self.header
        with Vertical(id="title"):
            yield Static(self.HEADING, id="heading")
            yield self.detail
        yield from self.compose_body()
        yield self.status
        yield self.notice
        yield self.footer

    def compose_body(self) -> list[Widget]:
        """Return what this screen is about."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Draw the state, now and whenever it changes."""
        self.watch(self.app, "state", self._on_state)
        self.watch(self.app, "clipboard_status", self.header.show_clipboard)

    def on_screen_resume(self) -> None:
        """Note that this screen is the one that is seen."""
        log.note(Event.SCREEN, kind=type(self))
        self.footer.visible = True

    def on_screen_suspend(self) -> None:
        """Name no keys that do nothing: another screen stands on top."""
        self.footer.visible = False

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the window is too small."""
        self.header.show_size(event.size)

    @property
    def secure_app(self) -> SecureApp:
        """The app, as what has the terminal and the person's clipboard."""
        return cast("SecureApp", self.app)

    def render_state(self, state: State) -> None:
        """Draw the state."""
        raise NotImplementedError

    def notice_text(self, state: State) -> str:  # noqa: ARG002 - the session's end is the account's to tell
        """Return what to know beside the point, as a sentence; empty where there is nothing."""
        return self.account.expiry_warning

    def run_task(self, job: Job, heading: str = "", *, after: bool = False) -> None:
        """Start a job; what goes wrong with it is told on this screen.

        If another job is under way, it starts after that one if `after` is true or the other only reads; else never.
        """
        if self.busy:
            self._next = (job, heading) if after or self.is_reading else self._next
            return
        self.busy = True
        if heading:
            self.status.show(heading, "")
        self.run_worker(self._finish(job))

    def show_failure(self, error: MfaTuiError) -> None:
        """Tell what went wrong with a job."""
        self.status.show_error(error)

    @contextmanager
    def quit_warning_while(self, stake: str) -> Iterator[None]:
        """While it is entered, leaving the program takes a second key: `stake` says what it would mean."""
        self.quit_warning = stake
        try:
            yield
        finally:
            self.quit_warning = ""

    async def with_step_up(self, job: Callable[[], Awaitable[object]]) -> None:
        """Do the job; where it was refused for want of a fresh factor or a session, get one and do it again.

        Raises:
            MfaTuiError: It was refused all the same, or went wrong otherwise.
        """
        await self.account.with_step_up(job, self._step_up)

    async def _finish(self, job: Job) -> None:
        try:
            await self.with_step_up(job)
        except MfaTuiError as error:
            self.show_failure(error)
        finally:
            self.busy = False
        if self._next is not None:
            following, self._next = self._next, None
            self.run_task(*following)

    async def _step_up(self) -> bool:
        from mfa_tui.tui.screens.challenge import StepUpScreen  # noqa: PLC0415 - it is a frame itself

        return await self.app.push_screen_wait(StepUpScreen(self.account))

    def _on_state(self, state: State) -> None:
        self.header.show(state)
        trouble = state.warning
        self.notice.update(Content(str(trouble) if trouble else self.notice_text(state)))
        self.render_state(state)
