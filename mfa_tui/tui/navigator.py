"""Shows the screen that the state of the account calls for."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen
from textual.timer import Timer
from textual.worker import Worker

from mfa_tui.account.account import Account
from mfa_tui.account.sessions import decline_step_up
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage, State
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.tui import screens
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.challenge import ChallengeScreen
from mfa_tui.tui.screens.codes import RecoveryCodesScreen
from mfa_tui.tui.screens.sign_in import SignInScreen
from mfa_tui.workflows import messages
from mfa_tui.workflows.challenge import read_challenge_result
from mfa_tui.workflows.profiles import list_profiles

if TYPE_CHECKING:
    from mfa_tui.tui.app import MfaTui

_WORKERS = "account"
"""The group of the app's workers that use the account."""

_AT_ONCE = 0.5
"""Seconds within which the built-in service responds, unless another program holds the database or the record."""


class Navigator:
    """Shows the screens of one account. The account's stage alone decides which of them is shown.

    Args:
        app: The app that shows them.
        account: The account.
        challenge_alone: Whether to sign in, complete the challenge and end.
    """

    def __init__(self, app: "MfaTui", account: Account, *, challenge_alone: bool) -> None:
        self._app = app
        self._account = account
        self._challenge_alone = challenge_alone
        self._state = State()
        self._has_warned = False
        self._refresh_timer: Timer | None = None
        self._refreshing: Worker[None] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Show the first screen, and resume the session or sign in.

        The built-in service responds at once, so its codes are read first: they are in the first frame of their screen.
        """
        if self._account.signs_in_automatically and not self._challenge_alone:
            await self._resume_or_sign_in()
            read = asyncio.Event()
            self._run(self._read_codes(read), "read the codes")
            # If it takes longer, it goes on: breaking it off could lose the outcome of a rotation.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(read.wait(), _AT_ONCE)
        first = ChallengeScreen if self._challenge_alone else RecoveryCodesScreen
        self._app.push_screen(first(self._account))
        self._unsubscribe = self._account.subscribe(self._on_state)
        self._on_state(self._account.state)
        self._refresh_timer = self._app.set_interval(self._app.timing.session_refresh, self.start_refresh)
        if self._account.state.stage is Stage.NO_SESSION:
            await self._resume_or_sign_in(anew=self._challenge_alone)

    def stop(self) -> None:
        """Stop following the account: no later change is drawn."""
        self._unsubscribe()

    async def close(self) -> None:
        """End all that is under way for the account, and remove its screens."""
        self.stop()
        if self._refresh_timer is not None:
            self._refresh_timer.stop()
        self._app.workers.cancel_group(self._app, _WORKERS)
        while len(self._app.screen_stack) > 1:
            await self._app.pop_screen()

    async def choose_profile(self) -> str | None:
        """Show the profiles; return the name of the one to switch to, None if the user goes back."""
        try:
            reports = await asyncio.to_thread(list_profiles, AppPaths.of_current_user())
        except MfaTuiError as error:
            self.show_failure(error)
            return None
        return await self._app.push_screen_wait(screens.ProfilesScreen(reports, self._account.profile.name))

    def refuses_switch(self) -> bool:
        """Show that something is under way that a switch would break off; return False if nothing is."""
        busy = next((screen for screen in self._screens() if screen.has_task), None)
        if busy is not None:
            busy.status.show(busy.quit_warning or "Something is still under way here", "Switch once it is done.")
        return busy is not None

    def show_failure(self, error: MfaTuiError) -> None:
        """Show on the top screen why an operation of the app failed."""
        self._screens()[-1].show_failure(error)

    def quit(self) -> None:
        """Quit, which gives up a pending challenge. If something could be lost, ask for the key once more."""
        app, stage = self._app, self._account.state.stage
        shown = self._screens()
        warning = next((screen.quit_warning for screen in shown if screen.quit_warning), "")
        if shown and (warning or stage is Stage.CODES_NOT_CONFIRMED) and not self._has_warned:
            self._has_warned = True
            if isinstance(app.screen, ModalScreen):
                app.screen.dismiss(None)  # with the safe choice: the screen below shows the warning
            choices = "Stay, or press the key once more to quit anyway."
            if warning:
                shown[-1].status.show(warning, choices)  # until the operation that it is about ends
            else:
                shown[-1].status.ask(messages.QUIT_UNCONFIRMED.heading, choices)
        elif warning:
            app.exit(f"{warning}.", return_code=ExitCode.OUTCOME_UNKNOWN)
        elif self._challenge_alone or stage is Stage.CHALLENGE_PENDING:
            app.exit(str(messages.CHALLENGE_GIVEN_UP), return_code=ExitCode.REFUSED)
        else:
            app.end(ExitCode.DONE)

    def end_questions(self) -> None:
        """Treat any key as the response to a question on the screen."""
        for screen in self._screens():
            screen.status.end_question()

    async def _resume_or_sign_in(self, *, anew: bool = False) -> None:
        """Resume the stored session, unless a new one is wanted. If there is none, sign in."""
        if not anew and self._account.state.stage is Stage.NO_SESSION:
            await self._account.resume_session()
        if self._account.state.stage is not Stage.NO_SESSION:
            return
        if not self._account.signs_in_automatically:
            ended, resend_wait = self._account.state.session_expired, self._app.timing.resend_wait
            self._app.push_screen(SignInScreen(self._account, ended=ended, resend_wait=resend_wait))
        else:
            await self._account.sign_in_automatically()

    def _run(self, work: Coroutine[None, None, None], description: str) -> "Worker[None]":
        return self._app.run_worker(work, group=_WORKERS, description=description)

    def start_refresh(self) -> None:
        """Keep the session alive, and read the codes again, in the background."""
        if self._refreshing is None or self._refreshing.is_finished:  # else the service is slow
            self._refreshing = self._run(self._refresh(), "refresh the session")

    async def _refresh(self) -> None:
        """Keep the session alive, read the codes again, and show a warning if the session expires soon."""
        await self._account.keep_alive()
        await self._read_again()
        if self._account.session_expires_soon:
            for screen in self._screens():
                screen.redraw()

    async def _read_again(self) -> None:
        """Read the codes, which another program may have used or replaced, in the session that it may have begun."""
        if self._state.codes is None or self._state.stage not in SIGNED_IN:
            return
        if self._state.rotation_status in {RotationStatus.NOT_ROTATED, RotationStatus.UNKNOWN}:
            for screen in self._screens():
                if isinstance(screen, RecoveryCodesScreen):
                    screen.action_read()
            return
        await self._read_codes()

    async def _read_codes(self, done: asyncio.Event | None = None) -> None:
        """Read the codes; if that fails, the codes of the state stay. Set `done` at the end."""
        try:
            with contextlib.suppress(MfaTuiError):
                await self._account.with_step_up(self._account.read_codes, decline_step_up)
        finally:
            if done is not None:
                done.set()

    async def _write_profile(self) -> None:
        try:
            await self._account.save_profile()
        except MfaTuiError as error:
            self._account.warn(error)

    def _on_state(self, state: State) -> None:
        """Show the screen for the new state. A sign-in or challenge screen is on top until it is completed."""
        app, before, self._state = self._app, self._state.stage, state
        if state.stage is before:
            return
        if state.stage is not Stage.NO_SESSION and self._close(SignInScreen):
            self._run(self._write_profile(), "write the profile")
        if state.stage in SIGNED_IN and not self._challenge_alone:
            self._close(ChallengeScreen)
        if state.stage is Stage.NO_SESSION:
            self._run(self._resume_or_sign_in(anew=True), "sign in")
        elif self._challenge_alone and state.stage in SIGNED_IN and before not in SIGNED_IN:
            challenged = before is Stage.CHALLENGE_PENDING
            self._run(self._report_result(challenged=challenged), "report the result of the challenge")
        elif state.stage is Stage.CHALLENGE_PENDING and not isinstance(app.screen, ChallengeScreen):
            app.push_screen(ChallengeScreen(self._account))

    def _close(self, kind: type[AccountScreen[Any]]) -> bool:
        """Close the screen of this kind and a question on top of it; return whether there is one."""
        stack = self._app.screen_stack
        depth = next((at for at, screen in enumerate(stack) if isinstance(screen, kind)), len(stack))
        for _ in stack[depth:]:
            self._app.pop_screen()
        return depth < len(stack)

    async def _report_result(self, *, challenged: bool) -> None:
        if not challenged:
            self._app.exit(str(messages.NOTHING_TO_CHALLENGE))
            return
        result = await read_challenge_result(self._account)
        advice = messages.low_codes(self._account.state)
        if advice is messages.NO_CODES_LEFT:
            self._challenge_alone = False
            self._app.push_screen(RecoveryCodesScreen(self._account))  # which offers to rotate
        else:
            self._app.exit(" ".join(map(str, filter(None, (result, advice)))))

    def _screens(self) -> list[AccountScreen[object]]:
        return [screen for screen in self._app.screen_stack if isinstance(screen, AccountScreen)]
