"""The full-screen program."""

from collections.abc import Callable
from dataclasses import replace

from textual import work
from textual.reactive import var
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES

from mfa_tui.account.account import Account
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage, State
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import DEFAULT_TIMING, Timing
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.challenge import ChallengeScreen
from mfa_tui.tui.screens.codes import RecoveryCodesScreen
from mfa_tui.tui.screens.sign_in import SignInScreen
from mfa_tui.tui.secure_app import SecureApp
from mfa_tui.workflows import messages

_BASE = BUILTIN_THEMES["ansi-dark"]
_THEME = replace(
    _BASE,
    name="mfa-tui",
    primary="ansi_magenta",
    accent="ansi_magenta",
    variables=_BASE.variables | {"border-blurred": "ansi_bright_black"},
)
"""The terminal's own colours, which are readable on any terminal, light or dark.

The accent is magenta because only magenta contrasts with both black and white (4.9 and 4.3 in xterm's palette).
"""


class MfaTui(SecureApp):
    """The screens of one account. The account's stage alone decides which of them is shown.

    The result of the app is a text to print on the terminal after the screens are closed.

    Args:
        account: The account to show.
        challenge_alone: Whether to sign in, complete the challenge and end.
        route: The kind of the clipboard.
        hide_after: Seconds without a key after which the codes are hidden; 0 for never.
        timing: How long the app waits.
    """

    TITLE = "mfa-tui"

    state: var[State] = var(State, init=False)

    def __init__(
        self,
        account: Account,
        *,
        challenge_alone: bool = False,
        route: BackendKind = BackendKind.NONE,
        hide_after: float = 60.0,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        super().__init__(route, hide_after, timing)
        self.register_theme(_THEME)
        self.theme = _THEME.name
        self.account = account
        self._unsubscribe: Callable[[], None] = lambda: None
        self._challenge_alone = challenge_alone
        self._has_warned = False

    def on_mount(self) -> None:
        """Show the first screen, and open the account in the background."""
        self._unsubscribe = self.account.subscribe(self._on_state)
        first = ChallengeScreen if self._challenge_alone else RecoveryCodesScreen
        self.push_screen(first(self.account))
        self._open_account(anew=self._challenge_alone)
        self.set_interval(self.timing.session_refresh, self._refresh_periodically)

    def on_unmount(self) -> None:
        """Stop following the account: no later change is drawn."""
        self._unsubscribe()

    async def action_quit(self) -> None:
        """Quit, which gives up a pending challenge. If something could be lost, ask for the key once more."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, AccountScreen)]
        warning = next((screen.quit_warning for screen in screens if screen.quit_warning), "")
        unconfirmed = self.account.state.stage is Stage.CODES_NOT_CONFIRMED
        if (warning or unconfirmed) and not self._has_warned:
            self._has_warned = True
            if isinstance(self.screen, ModalScreen):
                self.screen.dismiss(None)  # with the safe choice: the screen below shows the warning
            choices = "Stay, or press the key once more to quit anyway."
            if warning:
                screens[-1].status.show(warning, choices)  # until the operation that it is about ends
            else:
                screens[-1].status.ask(messages.QUIT_UNCONFIRMED.heading, choices)
        elif warning:
            self.exit(f"{warning}.", return_code=ExitCode.OUTCOME_UNKNOWN)
        elif self._challenge_alone or self.account.state.stage is Stage.CHALLENGE_PENDING:
            self.exit(str(messages.CHALLENGE_GIVEN_UP), return_code=ExitCode.REFUSED)
        else:
            self.end(ExitCode.DONE)

    @work(description="open the account", exclusive=True, group="open")
    async def _open_account(self, *, anew: bool = False) -> None:
        """Resume the stored session, unless a new one is wanted. If there is none, sign in."""
        if not anew:
            await self.account.resume_session()
        if self.account.state.stage is not Stage.NO_SESSION:
            return
        if not self.account.signs_in_automatically:
            screen = SignInScreen(
                self.account, ended=self.account.state.session_expired, resend_wait=self.timing.resend_wait
            )
            self.push_screen(screen)
        else:
            await self.account.sign_in_automatically()

    @work(description="refresh the session")
    async def _refresh_periodically(self) -> None:
        """Keep the session alive, and show a warning if it expires soon.

        If a rotation was not done yet, or its outcome is unknown, also read the codes again.
        """
        await self.account.keep_alive()
        if self.state.rotation_status in {RotationStatus.NOT_ROTATED, RotationStatus.UNKNOWN}:
            for screen in self.screen_stack:
                if isinstance(screen, RecoveryCodesScreen):
                    screen.action_read()
        if self.account.session_expires_soon:
            for screen in self.screen_stack:
                if isinstance(screen, AccountScreen):
                    screen.redraw()

    @work(description="write the profile")
    async def _write_profile(self) -> None:
        try:
            await self.account.save_profile()
        except MfaTuiError as error:
            self.account.warn(error)

    def handle_user_input(self) -> None:
        """Treat any key as the response to a question on the screen."""
        for screen in self.screen_stack:
            if isinstance(screen, AccountScreen):
                screen.status.end_question()

    def _on_state(self, state: State) -> None:
        """Show the screen for the new state. A sign-in or challenge screen is on top until it is completed."""
        before, self.state = self.state.stage, state
        if state.stage is before:
            return
        if isinstance(self.screen, SignInScreen) and state.stage is not Stage.NO_SESSION:
            self.pop_screen()
            self._write_profile()
        if isinstance(self.screen, ChallengeScreen) and not self._challenge_alone and state.stage in SIGNED_IN:
            self.pop_screen()
        if state.stage is Stage.NO_SESSION:
            self._open_account(anew=True)
        elif self._challenge_alone and state.stage in SIGNED_IN:
            self._report_result(challenged=before is Stage.CHALLENGE_PENDING)
        elif state.stage is Stage.CHALLENGE_PENDING and not isinstance(self.screen, ChallengeScreen):
            self.push_screen(ChallengeScreen(self.account))

    @work(description="report the result of the challenge")
    async def _report_result(self, *, challenged: bool) -> None:
        if not challenged:
            self.exit(str(messages.NOTHING_TO_CHALLENGE))
            return
        left = await messages.read_codes_left(self.account)
        self.exit(f"Challenge passed: {left or 'how many codes are left could not be read'}.")
