"""The frame of each full screen: header, title, status message, notice and footer; and its tasks."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Static

from mfa_tui import log
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.errors import MfaTuiError
from mfa_tui.log import Event
from mfa_tui.terminal.console import hints
from mfa_tui.timing import DEFAULT_TIMING
from mfa_tui.tui.page import fit_page
from mfa_tui.tui.secure_app import SecureApp
from mfa_tui.tui.widgets.footer import Footer
from mfa_tui.tui.widgets.header import Header
from mfa_tui.tui.widgets.status_message import StatusMessage
from mfa_tui.tui.widgets.wait_notice import WaitNotice
from mfa_tui.workflows.waiting import cannot_cancel

Task = Callable[[], Coroutine[None, None, None]]


class AccountScreen(Screen[ScreenResultType]):
    """A full screen of an account. A subclass gives the widgets between its title and its status message."""

    DEFAULT_CSS = """
    AccountScreen {
        padding: 1 3;
        scrollbar-size-vertical: 1;

        #title {
            layout: horizontal;
            height: auto;
            border-bottom: solid $border-blurred;
            margin-bottom: 1;
        }
        #heading { width: auto; text-style: bold; color: $text-accent; }
        #detail { width: 1fr; text-align: right; }
        #notice { height: auto; max-width: 72; margin-top: 1; text-style: dim; }

        &.-short, &.-tiny {
            Header { margin-bottom: 0; }
            #title { border-bottom: none; margin-bottom: 0; }
            StatusMessage { margin-top: 0; }
            #notice { display: none; }
        }
        &.-tiny {
            Header, #title { display: none; }
            Footer { max-height: 1; }
            CodeGrid { max-height: 100%; scrollbar-size: 0 0; }
        }
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012 - textual types it so
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (10, "-short"), (20, "-tall")]  # noqa: RUF012 - textual types it so
    ALLOW_SELECT: ClassVar[bool] = False
    SHOWS_SECRETS: ClassVar[bool] = False
    """Whether it shows codes, so that a key that uncovers them does nothing else."""
    HEADING: ClassVar[str]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]

    busy: var[bool] = var(default=False, init=False, bindings=True)
    """Whether a task is under way; meanwhile no other one is started."""

    state: var[State] = var(State, init=False)
    """The state of the account."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self.header = Header(account)
        self.detail = Static(id="detail")
        self.status = StatusMessage()
        self.wait = WaitNotice(account)
        self.footer = Footer()
        self.quit_warning = ""
        """The consequence of quitting now, as a sentence; empty if there is none."""
        self.is_reading = False
        """Whether the task under way only reads: an action chosen meanwhile follows it."""
        self._local_tasks = 0
        """The tasks under way that need no response of the service."""
        self._next: tuple[Task, str] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self.notice = Static(id="notice")
        """Less important information."""

    def compose(self) -> ComposeResult:
        """Lay out the screen, top to bottom."""
        yield self.header
        with Vertical(id="title"):
            yield Static(self.HEADING, id="heading")
            yield self.detail
        yield from self.compose_body()
        yield self.status
        yield self.wait
        yield self.notice
        yield self.footer

    def compose_body(self) -> list[Widget]:
        """Return the widgets between the title and the status message."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Draw the state, now and whenever it changes."""
        fit_page(self)
        self._unsubscribe = self.account.subscribe(self._set_state)
        self.set_reactive(AccountScreen.state, self.account.state)
        self.redraw()
        app = self.secure_app
        self.wait.start(app.timing if app else DEFAULT_TIMING)
        if app:
            self.watch(app, "clipboard_status", self.header.show_clipboard)

    def on_unmount(self) -> None:
        """End the subscription to the account."""
        self._unsubscribe()

    def on_screen_resume(self) -> None:
        """Log that this screen is visible, and show its keys."""
        log.note(Event.SCREEN, kind=type(self))
        self.footer.visible = True

    def on_screen_suspend(self) -> None:
        """Hide the keys, which do nothing while another screen is on top."""
        self.footer.visible = False

    def on_key(self, event: events.Key) -> None:
        """On Esc, cancel the requests that take long; if none can be cancelled, show what is not known about it."""
        if event.key == "escape" and (requests := self.wait.requests):
            event.stop()
            cancelled = [request for request in requests if request.cancel()]
            if not cancelled:
                self.status.show(*cannot_cancel(requests[0].operation))

    def on_resize(self, event: events.Resize) -> None:
        """Show it if the window is too small."""
        self.header.show_size(event.size)
        fit_page(self)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Focus a widget; scroll to it after the layout: textual scrolls before it, so to a wrong place."""
        super().set_focus(widget, scroll_visible=False, from_app_focus=from_app_focus)
        if widget is not None and scroll_visible:
            self.call_after_refresh(widget.scroll_visible, animate=False)

    @property
    def secure_app(self) -> SecureApp | None:
        """The app, if it covers secrets and has a clipboard; None in another textual app."""
        return SecureApp.of(self)

    @property
    def is_covered(self) -> bool:
        """Whether the app covers its secrets now."""
        return self.secure_app is not None and self.secure_app.covered

    @property
    def has_task(self) -> bool:
        """Whether a task is under way, or waits for its turn, that does more than read."""
        return bool(self._next or self._local_tasks) or (self.busy and not self.is_reading)

    def action_profiles(self) -> None:
        """Show the profiles, to switch to another one."""
        if app := self.secure_app:
            app.show_profiles()

    def redraw(self) -> None:
        """Draw the state again, for the parts that depend on the time."""
        self.mutate_reactive(AccountScreen.state)

    def watch_state(self, state: State) -> None:
        """Draw the state."""
        self.header.show(state)
        self.notice.update(Content(hints.complete(str(state.warning or self.notice_text(state)))))
        self.render_state(state)

    def render_state(self, state: State) -> None:
        """Draw the state between the title and the notice."""
        raise NotImplementedError

    def notice_text(self, state: State) -> str:  # noqa: ARG002 - the account knows when its session expires
        """Return less important information, as a sentence; empty if there is none."""
        return self.account.expiry_warning

    def run_task(self, task: Task, progress: str = "", *, after: bool = False) -> None:
        """Start a task; its failure is shown on this screen.

        If another task is under way, it starts after that one if `after` is true or the other only reads; else never.
        """
        if self.busy or self._local_tasks:
            self._next = (task, progress) if after or self.is_reading or not self.busy else self._next
            return
        self.busy = True
        if progress:
            self.show_progress(progress)
        self._finish(task)

    def run_local_task(self, task: Task) -> None:
        """Start a task that needs no response of the service, such as copying; also beside a task that only reads."""
        if self.is_reading or not self.busy:
            self._local_tasks += 1
            self.run_worker(self._finish_local(task))

    def show_progress(self, text: str) -> None:
        """Show the operation that is under way."""
        self.status.show_progress(text)

    def show_failure(self, error: MfaTuiError) -> None:
        """Show why a task failed."""
        self.status.show_error(error)

    @contextmanager
    def quit_warning_while(self, warning: str) -> Iterator[None]:
        """While it is entered, quitting takes a second key; the warning says why."""
        self.quit_warning = warning
        try:
            yield
        finally:
            self.quit_warning = ""

    async def step_up(self) -> bool:
        """Ask for a factor; return whether one was given. Most screens run no task that needs it."""
        return False

    @work(description="task")
    async def _finish(self, task: Task) -> None:
        try:
            await self.account.with_step_up(task, self.step_up)
        except MfaTuiError as error:
            self.show_failure(error)
        finally:
            self.busy = False
        self._start_next()

    async def _finish_local(self, task: Task) -> None:
        try:
            await task()
        except MfaTuiError as error:
            self.show_failure(error)
        finally:
            self._local_tasks -= 1
        self._start_next()

    def _start_next(self) -> None:
        if self._next is not None and not self._local_tasks:
            following, self._next = self._next, None
            self.run_task(*following)

    def _set_state(self, state: State) -> None:
        self.state = state
