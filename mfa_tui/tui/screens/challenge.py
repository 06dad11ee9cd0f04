"""Passing a factor: to finish a pending MFA challenge, or once more before an action that asks for it."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from mfa_tui import formatting, sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage, State
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client.errors import InvalidCodeError, OutcomeUnknownError, RateLimitedError
from mfa_tui.errors import MfaTuiError
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.widgets.code_input import CodeInput
from mfa_tui.tui.widgets.countdown import Countdown
from mfa_tui.workflows import messages

_QUIT_WARNING = "The code that you typed is on its way: it may be spent"


class FactorScreen(AccountScreen):
    """One field that takes a code, recovery or authenticator, and says which it takes the text for."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.field = CodeInput("ABCDE FGHIJ")
        self.countdown = Countdown("You can try again")
        self._kind = Static(id="kind")
        self._warned_of: TypedCode | None = None
        self._sent: TypedCode | None = None
        self._refused: TypedCode | None = None

    def compose_body(self) -> list[Widget]:
        """Return the field, what its text is taken for, and the wait after too many tries."""
        return [self.field, self._kind, self.countdown]

    async def use(self, typed: TypedCode) -> None:
        """Use the code."""
        raise NotImplementedError

    @on(Input.Changed)
    def show_kind(self) -> None:
        """Say what the text is taken for, as it is typed."""
        try:
            typed = parse_code(self.field.value)
        except InvalidCodeInputError:
            self._kind.update("")
        else:
            self._kind.update("" if typed.warning else f"Taken for: {typed.kind.value}")

    def action_send(self) -> None:
        """Use what stands in the field once all the keys before Enter have reached it."""
        self.field.call_later(self._send)

    def _send(self) -> None:
        """Use the code, if there is one; one that looks odd is sent on the second Enter, a refused one never."""
        if self.countdown.running or self.field.disabled:
            return
        try:
            typed = parse_code(self.field.value)
        except InvalidCodeInputError as error:
            self.status.show_error(error)
            return
        if typed == self._refused:
            self.status.show(
                "This was not accepted just now, and was not sent again",
                "Mend it, or take the next code: each wrong try brings a wait nearer.",
            )
            return
        if typed.warning and typed != self._warned_of:
            self._warned_of = typed
            self.status.show(typed.warning, "Nothing was sent. Mend it, or press Enter again to send it as it is.")
            return
        self._sent = typed
        self.run_task(lambda: self.use(typed), f"Checking the {typed.kind.value}…")

    def show_failure(self, error: MfaTuiError) -> None:
        """Tell what went wrong; after too many tries, count the wait down."""
        super().show_failure(error)
        if isinstance(error, InvalidCodeError):
            self._refused = self._sent
        if isinstance(error, RateLimitedError) and error.retry_after:
            self.countdown.start(error.retry_after)

    @on(Countdown.Over)
    def on_wait_over(self) -> None:
        """Say that the wait is over."""
        self.status.show(
            "You can try again", "Compare the code with your list first: wrong tries make the next wait longer."
        )


class ChallengeScreen(FactorScreen):
    """Stays until the pending challenge is passed or given up."""

    HEADING = "Second factor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Use the code", key_display="enter", priority=True),
        Binding("f1", "ask_for_help", "Missing your codes?"),
        Binding("escape", "app.quit", "Give up", key_display="esc"),
    ]

    def render_state(self, state: State) -> None:
        """Say what is wanted, once there is a challenge."""
        pending = state.stage is Stage.CHALLENGE_PENDING
        if not pending:
            self.status.show("Signing in…", "")
        elif self.field.disabled:
            self._show_instructions("an unused recovery code")
            self.run_worker(self._show_factors())
        self.field.disabled = not pending
        if pending:
            self.field.focus()

    def on_mount(self) -> None:
        """Wait for the challenge."""
        self.field.disabled = True

    def action_ask_for_help(self) -> None:
        """Say whom to ask, for somebody who has no code left."""
        self.run_task(self._help)

    async def use(self, typed: TypedCode) -> None:
        """Finish the challenge; where the answer is lost, look what came of it."""
        if self.account.state.stage is not Stage.CHALLENGE_PENDING:
            return  # another program of this profile has passed it meanwhile: no code is to be spent
        try:
            with self.quit_warning_while(_QUIT_WARNING):
                await self.account.authenticate(typed)
        except OutcomeUnknownError:
            self.status.show(*messages.CHALLENGE_STATUS[await self.account.check_challenge()])

    async def _show_factors(self) -> None:
        factors = await self.account.list_challenge_factors()
        self.detail.update(formatting.listing([factor.value for factor in factors], "or"))
        if FactorKind.TOTP in factors and not (self.busy or self.field.value):
            self._show_instructions("a code of your authenticator app, or an unused recovery code")

    def _show_instructions(self, what: str) -> None:
        ignored = "Spaces, dashes and case" if self.account.profile.is_built_in else "Spaces and dashes"
        self.status.show(
            "This sign-in needs a second factor",
            f"Type or paste {what}. {ignored} do not matter. A recovery code is spent by it; the others stay.",
        )

    async def _help(self) -> None:
        settings = await self.account.get_settings()
        address = sanitize.one_line(settings.general.support_email or "", 254)
        self.status.show(
            "Without any code, only the people behind this service can help",
            f"Write to {address}." if address else "This environment names no address: ask whoever runs the app.",
        )


class StepUpScreen(FactorScreen):
    """Asks for a factor once more, before an action that takes one. Its result is whether it was given."""

    HEADING = "Confirm that it is you"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Use the code", key_display="enter", priority=True),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def on_mount(self) -> None:
        """Say what is wanted."""
        self.field.focus()
        self.status.show(
            "This action asks for a factor once more",
            "Type an authenticator code, or a recovery code, which is spent by it. Then the action goes on.",
        )

    def render_state(self, state: State) -> None:
        """Draw nothing more."""

    def action_leave(self) -> None:
        """Go back; the action is not done. Not while a code is on its way: what it gives would be lost."""
        if not self.busy:
            self.dismiss(False)

    async def use(self, typed: TypedCode) -> None:
        """Give the factor, and go back to the action."""
        with self.quit_warning_while(_QUIT_WARNING):
            await self.account.authenticate(typed, step_up=True)
        self.dismiss(True)
