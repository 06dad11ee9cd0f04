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
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.challenge import ChallengeScreen
from mfa_tui.tui.screens.codes import RecoveryCodesScreen
from mfa_tui.tui.screens.sign_in import SignInScreen
from mfa_tui.tui.secure_app import SecureApp
from mfa_tui.workflows import messages

_THEME = replace(BUILTIN_THEMES["ansi-dark"], name="mfa-tui", primary="ansi_magenta", accent="ansi_magenta")
"""The terminal's own colours: readable wherever the terminal itself is, light or dark.

The accent is magenta since it alone stands out from black and from white alike (contrast 4.9 and 4.3 in xterm's
palette).
"""

_REFRESH_INTERVAL = 60
"""Seconds between looks at whether the session wants refreshing."""

NOTHING_TO_CHALLENGE = (
    "Nothing to challenge: signing in asks for a recovery code only once the codes are said to be saved. "
    "Run mfa-tui, save them, and press p there; or say so with mfa-tui acknowledge."
)

_UNSAVED = "These codes are not proven saved"

_GIVEN_UP = "Given up: the challenge is not passed, and no code is spent by that."


class MfaTui(SecureApp):
    """The screens over one account; which of them stands, the account's stage alone decides.

    Its result is what is left to say on the terminal once the screens are gone.

    Args:
        account: Whose codes.
        challenge_alone: Whether to sign in anew, finish the challenge and end.
        route: The way to the person's clipboard.
        hide_after: Seconds without a key after which codes are covered; 0 for never.
    """

    CSS_PATH = "app.tcss"
    TITLE = "mfa-tui"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012 - textual types it so
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - textual types it so

    state: var[State] = var(State, init=False)

    def __init__(
        self,
        account: Account,
        *,
        challenge_alone: bool = False,
        route: BackendKind = BackendKind.NONE,
        hide_after: float = 60.0,
    ) -> None:
        super().__init__(route, hide_after)
        self.register_theme(_THEME)
        self.theme = _THEME.name
        self.account = account
        self._unwatch: Callable[[], None] = lambda: None
        self._challenge_alone = challenge_alone
        self._warned = False

    def on_mount(self) -> None:
        """Show the first screen, and open the account behind it."""
        self._unwatch = self.account.subscribe(self._on_state)
        first = ChallengeScreen if self._challenge_alone else RecoveryCodesScreen
        self.push_screen(first(self.account))
        self._open(anew=self._challenge_alone)
        self.set_interval(_REFRESH_INTERVAL, self._refresh_periodically)

    def on_unmount(self) -> None:
        """Let the account go: what is done with it from here on is no longer drawn."""
        self._unwatch()

    async def action_quit(self) -> None:
        """End; a challenge that is pending is given up by it. Where something is at stake it takes a second time."""
        frames = [screen for screen in self.screen_stack if isinstance(screen, AccountScreen)]
        stake = next((frame.quit_warning for frame in frames if frame.quit_warning), "")
        unsaved = _UNSAVED if self.account.state.stage is Stage.CODES_NOT_CONFIRMED else ""
        if (stake or unsaved) and not self._warned:
            self._warned = True
            if isinstance(self.screen, ModalScreen):
                self.screen.dismiss(None)  # with the safe choice: the warning stands on the screen behind it
            choices = "Stay, or press the key once more to quit anyway."
            if stake:
                frames[-1].status.show(stake, choices)  # until the operation that is at stake ends
            else:
                frames[-1].status.ask(unsaved, choices)
        elif stake:
            self.exit(f"{stake}.", return_code=ExitCode.OUTCOME_UNKNOWN)
        elif self._challenge_alone or self.account.state.stage is Stage.CHALLENGE_PENDING:
            self.exit(_GIVEN_UP, return_code=ExitCode.REFUSED)
        else:
            self.end(ExitCode.DONE)

    @work(description="open the account", exclusive=True, group="open")
    async def _open(self, *, anew: bool = False) -> None:
        """Take up the kept session, unless a new one is wanted; else sign in, by itself where that can be."""
        if not anew:
            await self.account.resume_session()
        if self.account.state.stage is not Stage.NO_SESSION:
            return
        if not self.account.signs_in_automatically:
            self.push_screen(SignInScreen(self.account, ended=self.account.state.session_expired))
        else:
            await self.account.sign_in_automatically()

    @work(description="tend the session")
    async def _refresh_periodically(self) -> None:
        """Keep the session alive; where it ends all the same, the screen says so in time.

        And look again at a set of which it was said that it was not replaced so far, or that this is not known.
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
        """Take a key for the response to a question."""
        for screen in self.screen_stack:
            if isinstance(screen, AccountScreen):
                screen.status.end_question()

    def _on_state(self, state: State) -> None:
        """Show what the new state calls for: what asks for a session or a factor stands on top until it has it."""
        before, self.state = self.state.stage, state
        if state.stage is before:
            return
        if isinstance(self.screen, SignInScreen) and state.stage is not Stage.NO_SESSION:
            self.pop_screen()
            self._write_profile()
        if isinstance(self.screen, ChallengeScreen) and not self._challenge_alone and state.stage in SIGNED_IN:
            self.pop_screen()
        if state.stage is Stage.NO_SESSION:
            self._open(anew=True)
        elif self._challenge_alone and state.stage in SIGNED_IN:
            self._conclude(challenged=before is Stage.CHALLENGE_PENDING)
        elif state.stage is Stage.CHALLENGE_PENDING and not isinstance(self.screen, ChallengeScreen):
            self.push_screen(ChallengeScreen(self.account))

    @work(description="conclude the challenge")
    async def _conclude(self, *, challenged: bool) -> None:
        if not challenged:
            self.exit(NOTHING_TO_CHALLENGE)
            return
        left = await messages.read_codes_left(self.account)
        self.exit(f"Challenge passed: {left or 'how many codes are left could not be read'}.")
