"""Signing in with a code from an e-mail."""

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import EMAIL_CODE_LENGTH
from mfa_tui.account.state import State
from mfa_tui.client.errors import RateLimitedError, WrongEmailCodeError
from mfa_tui.errors import ExitCode, MfaTuiError, UsageError
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.storage.profile import parse_environment_id
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.tui.widgets.code_input import CodeInput
from mfa_tui.tui.widgets.countdown import Countdown
from mfa_tui.tui.widgets.text_input import TextInput
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import Confirmation

_QUIT = Confirmation(
    question="Quit without signing in?",
    consequences=("Your codes are unchanged.",),
    cancel="Stay",
    confirm="Quit",
    action="quit",
)


class SignInScreen(AccountScreen[None]):
    """Asks for the environment and the e-mail address, requests a code, and asks for the code.

    Args:
        account: The account to sign in.
        ended: Whether a session has just ended.
        resend_wait: Seconds until the e-mail can be requested again.
    """

    DEFAULT_CSS = """
    SignInScreen .name { margin-top: 1; text-style: dim; }
    """
    HEADING = "Sign in"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Continue", key_display="enter", priority=True),
        Binding("ctrl+r", "resend", "Send again", key_display="ctrl+r"),
        Binding("f3", "profiles", "Profiles"),
        Binding("escape", "back", "Back", key_display="esc"),
        Binding("escape", "leave", "Quit", key_display="esc"),
    ]

    def __init__(self, account: Account, *, ended: bool, resend_wait: int) -> None:
        super().__init__(account)
        self._ended = ended
        self._resend_wait = resend_wait
        self._environment = TextInput(
            account.profile.environment_id, "environment id, a UUID", max_length=254, classes="form"
        )
        self._email = TextInput(account.profile.email, "e-mail address", max_length=254, classes="form")
        self._code = CodeInput("123456")
        self._code.add_class("mail")
        self._countdown = Countdown("A new code can be sent")
        self._verification: models.EmailVerification | None = None
        self._refused: Secret | None = None
        """The code that was refused last; three attempts are allowed, so it is not sent again."""

    def compose_body(self) -> list[Widget]:
        """Return the fields, each under its label."""
        return [
            Static("Environment id", classes="name form"),
            self._environment,
            Static("E-mail address", classes="name form"),
            self._email,
            Static("Code from the e-mail", classes="name mail"),
            self._code,
            self._countdown,
        ]

    def on_mount(self) -> None:
        """Start with the form."""
        self._show_form()

    def render_state(self, state: State) -> None:
        """Draw nothing more: there is no session yet."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only the actions that are possible now."""
        sent = self._verification is not None
        offered = {"resend": sent and not self._countdown.running, "back": sent, "leave": not sent}
        offered["profiles"] = self.secure_app is not None and not self.busy
        return offered.get(action, True)

    def action_submit(self) -> None:
        """Continue with the text of the field, after all keys before Enter have reached it."""
        (self.focused or self).call_later(self._submit)

    def _submit(self) -> None:
        """Go to the first empty field of the form; else request the code, or sign in with it."""
        if self._verification is not None:
            self._sign_in()
        elif not self._environment.value.strip():
            self._environment.focus()
        elif not self._email.value.strip():
            self._email.focus()
        else:
            self.run_task(self._send, messages.REQUESTING_EMAIL_CODE)

    def action_resend(self) -> None:
        """Request a new code."""
        self.run_task(self._resend, "Sending a new code")

    def action_back(self) -> None:
        """Go back to the form."""
        self._show_form()

    @work(description="leave", exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """Quit the program, if the user confirms."""
        if await self.app.push_screen_wait(ConfirmScreen(_QUIT)):
            self.app.exit(return_code=ExitCode.NOT_SIGNED_IN)

    def show_failure(self, error: MfaTuiError) -> None:
        """Show why a task failed; after too many attempts, count the wait down."""
        super().show_failure(error)
        if isinstance(error, RateLimitedError) and error.retry_after:
            self._countdown.start(error.retry_after)

    @on(Input.Changed)
    def submit_complete_code(self, event: Input.Changed) -> None:
        """Sign in as soon as the code is complete."""
        if event.input is self._code and len(_digits(event.value)) == EMAIL_CODE_LENGTH:
            self._sign_in()

    @on(Countdown.Over)
    def enable_resend(self) -> None:
        """Offer to send the code again."""
        self.refresh_bindings()

    def _sign_in(self) -> None:
        """Sign in with the code in the field; once the task under way ends, since a paste may come before that."""
        code = Secret(self._code.value)
        if code != self._refused:
            self.run_task(lambda: self._use(code), messages.SIGNING_IN, after=True)

    async def _send(self) -> None:
        environment_id = parse_environment_id(self._environment.value)
        if environment_id is None:
            self._environment.focus()
            raise UsageError(
                "The environment id is not a UUID.",
                hint="It looks like 2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11; the operator of the app knows it.",
            )
        email = sanitize.one_line(self._email.value, 254)
        verification = await self.account.request_email_code(environment_id, email)
        self.header.show(self.account.state)
        self._show_code(verification)

    async def _resend(self) -> None:
        if self._verification is not None:
            self._show_code(await self.account.send_email_code(self._verification.email))

    async def _use(self, code: Secret) -> None:
        """Sign in, unless the code was refused, or has signed in, meanwhile."""
        if self._verification is None or code == self._refused:
            return
        try:
            await self.account.sign_in(self._verification.verification_uuid, code)
        except WrongEmailCodeError:
            self._refused = code
            raise
        self._verification = None

    def _show_form(self) -> None:
        self._verification = None
        self._set_step("form")
        (self._email if self._environment.value else self._environment).focus()
        name = self.account.profile.name
        new = "" if self.account.profile.known else f" Then profile {name} is saved: mfa-tui --profile {name}."
        if self._ended:
            self.status.show(
                "Your session has ended",
                "Your last action was not done, and your codes are unchanged. Sign in again: a code will be sent to "
                "your address. Then you return to this screen.",
            )
        else:
            self.status.show("A code will be sent to your address", f"Type it here.{new}")

    def _show_code(self, verification: models.EmailVerification) -> None:
        self._verification = verification
        self._refused = None
        self._set_step("mail")
        self._code.clear()
        self._code.focus()
        self._countdown.start(self._resend_wait)
        self.status.show(
            *messages.email_code_sent(verification),
        )

    def _set_step(self, step: str) -> None:
        for widget in self.query(".form, .mail"):
            widget.display = widget.has_class(step)
        self._countdown.display = step == "mail"
        self.refresh_bindings()


def _digits(typed: str) -> str:
    """Return the digits of a text of digits, spaces and dashes; empty for any other text."""
    digits = sanitize.strip_separators(typed)
    return digits if digits.isascii() and digits.isdigit() else ""
