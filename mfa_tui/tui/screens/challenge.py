"""Completing the pending challenge with a code."""

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import SIGNED_IN, Stage, State
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client.errors import InvalidCodeError, RateLimitedError
from mfa_tui.errors import MfaTuiError
from mfa_tui.tui.screen_ui import ScreenUI
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.tui.widgets.code_input import CodeInput
from mfa_tui.tui.widgets.countdown import Countdown
from mfa_tui.workflows import messages
from mfa_tui.workflows.challenge import CodeCheck, explain_missing_codes, send_code
from mfa_tui.workflows.passkeys import use_passkey
from mfa_tui.workflows.ui import Confirmation

QUIT_WARNING = "The code that you typed was sent: it may be used up"

_GIVE_UP = Confirmation(
    question="Give up this sign-in?",
    consequences=(messages.CHALLENGE_GIVEN_UP.rest,),
    cancel="Stay",
    confirm="Give up",
    action="give up",
)


class FactorScreen(AccountScreen[bool]):
    """A screen with one field for a code, recovery or authenticator, that shows which of them it detects."""

    DEFAULT_CSS = """
    FactorScreen #kind { height: 1; text-style: dim; }
    """

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.field = CodeInput("ABCDE FGHIJ")
        self.countdown = Countdown("You can try again")
        self._kind = Static(id="kind")
        self._check = CodeCheck()
        self._sent: TypedCode | None = None
        self.factors: list[FactorKind] = [FactorKind.RECOVERY]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer a passkey only to a user who has one."""
        return action != "use_passkey" or (FactorKind.PASSKEY in self.factors and not self.busy)

    async def read_factors(self) -> None:
        """Read which factors the user has."""
        self.factors = await self.account.list_challenge_factors()
        self.refresh_bindings()

    def compose_body(self) -> list[Widget]:
        """Return the field, the detected kind of its text, and the wait after too many attempts."""
        return [self.field, self._kind, self.countdown]

    async def use(self, typed: TypedCode) -> None:
        """Use the code."""
        raise NotImplementedError

    @on(Input.Changed)
    def show_kind(self) -> None:
        """Show the detected kind of the text while the user types."""
        try:
            typed = parse_code(self.field.value)
        except InvalidCodeInputError:
            self._kind.update("")
        else:
            self._kind.update("" if typed.warning else f"Detected: {typed.kind.value}")

    def action_send(self) -> None:
        """Send the text of the field, after all keys before Enter have reached it."""
        self.field.call_later(self._send)

    def _send(self) -> None:
        """Send the code: on the second Enter if its form is unusual, never again if it was refused."""
        if self.countdown.running or self.field.disabled:
            return
        try:
            typed = self._check.parse(self.field.value)
        except InvalidCodeInputError as error:
            self.status.show_error(error)
            return
        self._sent = typed
        self.run_task(lambda: self.use(typed))

    def show_failure(self, error: MfaTuiError) -> None:
        """Show why a task failed; after too many attempts, count the wait down."""
        super().show_failure(error)
        if isinstance(error, InvalidCodeError) and self._sent is not None:
            self._check.refuse(self._sent)
        if isinstance(error, RateLimitedError) and error.retry_after:
            self.countdown.start(error.retry_after)

    @on(Countdown.Over)
    def on_wait_over(self) -> None:
        """Show that the wait is over."""
        self.status.show(
            "You can try again", "Compare the code with your list first: wrong attempts make the next wait longer."
        )


class ChallengeScreen(FactorScreen):
    """Asks for a code until the pending challenge is passed or given up.

    In another app than mfa-tui its result is whether the challenge is passed.
    """

    HEADING = "Second factor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Use the code", key_display="enter", priority=True),
        Binding("f2", "use_passkey", messages.USE_PASSKEY),
        Binding("f1", "ask_for_help", messages.NO_CODE),
        Binding("escape", "give_up", "Give up", key_display="esc"),
    ]

    def render_state(self, state: State) -> None:
        """Ask for a code as soon as there is a challenge."""
        pending = state.stage is Stage.CHALLENGE_PENDING
        if not pending:
            self.show_progress(messages.SIGNING_IN)
        elif self.field.disabled:
            self._show_instructions()
            self.run_worker(self._show_factors())
        self.field.disabled = not pending
        if pending:
            self.field.focus()
        self.watch_busy()

    def watch_busy(self) -> None:
        """After a task, or a change of state, dismiss the screen if the challenge is passed."""
        if self.secure_app is None:
            self.call_later(self._dismiss_if_passed)

    def on_mount(self) -> None:
        """Wait for the challenge."""
        self.field.disabled = True

    def action_ask_for_help(self) -> None:
        """Show whom to contact for a user who has no code left."""
        self.run_task(lambda: explain_missing_codes(self.account, ScreenUI(self)))

    @work(description="give up", exclusive=True, group="give up")
    async def action_give_up(self) -> None:
        """Give up, if the user confirms; not while a code is being sent, unless they insist on quitting the program."""
        if self.secure_app is None:
            if not self.busy:
                self.dismiss(False)
        elif self.busy or await self.app.push_screen_wait(ConfirmScreen(_GIVE_UP)):
            await self.secure_app.action_quit()

    def action_use_passkey(self) -> None:
        """Complete the challenge with a passkey."""
        self.run_task(self._use_passkey)

    async def _use_passkey(self) -> None:
        if self.account.state.stage is Stage.CHALLENGE_PENDING and not await use_passkey(self.account, ScreenUI(self)):
            self._show_instructions()

    async def use(self, typed: TypedCode) -> None:
        """Complete the challenge."""
        if self.account.state.stage is not Stage.CHALLENGE_PENDING:
            return  # another program of this profile has passed it meanwhile, so no code must be used
        with self.quit_warning_while(QUIT_WARNING):
            await send_code(self.account, ScreenUI(self), typed)

    def _dismiss_if_passed(self) -> None:
        if self.is_current and not self.busy and self.account.state.stage in SIGNED_IN:
            self.dismiss(True)

    async def _show_factors(self) -> None:
        await self.read_factors()
        self.detail.update(formatting.listing([factor.value for factor in self.factors], "or"))
        if len(self.factors) > 1 and not (self.busy or self.field.value):
            self._show_instructions()

    def _show_instructions(self) -> None:
        names = [formatting.with_article(factor.value) for factor in self.factors if factor is not FactorKind.PASSKEY]
        passkey = messages.passkey_offer("F2") if FactorKind.PASSKEY in self.factors else ""
        ignores_case = self.account.profile.is_built_in
        self.status.show(*messages.challenge_introduction(names, ignores_case=ignores_case, passkey=passkey))
