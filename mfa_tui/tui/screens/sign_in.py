"""Signing in with a code from a mail."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import EMAIL_CODE_LENGTH
from mfa_tui.account.sessions import sign_in_obstacles
from mfa_tui.account.state import State
from mfa_tui.client.errors import RateLimitedError
from mfa_tui.errors import ExitCode, MfaTuiError, UsageError
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.storage.config import parse_environment_id
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.widgets.code_input import CodeInput
from mfa_tui.tui.widgets.countdown import Countdown

RESEND_WAIT = 20
"""Seconds until a mail may be asked for again: the vendor sends three a minute at most."""


class SignInScreen(AccountScreen):
    """Asks for the environment and the address, has a code sent, and takes the code.

    Args:
        account: Where the person signs in.
        ended: Whether there was a session until now.
    """

    HEADING = "Sign in"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Go on", key_display="enter", priority=True),
        Binding("ctrl+r", "resend", "Send again", key_display="ctrl+r"),
        Binding("escape", "back", "Back", key_display="esc"),
        Binding("escape", "leave", "Quit", key_display="esc"),
    ]

    def __init__(self, account: Account, *, ended: bool = False) -> None:
        super().__init__(account)
        self._ended = ended
        self._environment = _line(account.profile.environment_id, "environment id, a UUID")
        self._email = _line(account.profile.email, "e-mail address")
        self._code = CodeInput("123456")
        self._code.add_class("mail")
        self._countdown = Countdown("A new code can be sent")
        self._verification: models.EmailVerification | None = None

    def compose_body(self) -> list[Widget]:
        """Return the fields, each under its name."""
        return [
            Static("Environment id", classes="name form"),
            self._environment,
            Static("E-mail address", classes="name form"),
            self._email,
            Static("Code from the mail", classes="name mail"),
            self._code,
            self._countdown,
        ]

    def on_mount(self) -> None:
        """Start with what is not known yet."""
        self._show_form()

    def render_state(self, state: State) -> None:
        """Draw nothing more: nobody is signed in."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        sent = self._verification is not None
        offered = {"resend": sent and not self._countdown.running, "back": sent, "leave": not sent}
        return offered.get(action, True)

    def action_go_on(self) -> None:
        """Go on with what stands in the field once all the keys before Enter have reached it."""
        (self.focused or self).call_later(self._go_on)

    def _go_on(self) -> None:
        """Have the code sent, or sign in with it; from a field that is filled, go on to the next one."""
        if self._verification is not None:
            self._sign_in()
        elif not self._environment.value.strip():
            self._environment.focus()
        elif not self._email.value.strip():
            self._email.focus()
        else:
            self.run_task(self._send, "Reading how this environment is set…")

    def action_resend(self) -> None:
        """Have a new code sent."""
        self.run_task(self._resend, "Sending a new code…")

    def action_back(self) -> None:
        """Go back to the form."""
        self._show_form()

    def action_leave(self) -> None:
        """Leave the program."""
        self.app.exit(return_code=ExitCode.NOT_SIGNED_IN)

    def show_failure(self, error: MfaTuiError) -> None:
        """Tell what went wrong; after too many tries, count the wait down."""
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
        """The code may be sent again from now on."""
        self.refresh_bindings()

    def _sign_in(self) -> None:
        digits = _digits(self._code.value)
        if len(digits) == EMAIL_CODE_LENGTH:
            self.run_task(lambda: self._use(Secret(digits)), "Signing in…")
        else:
            self.status.show(f"The code has {EMAIL_CODE_LENGTH} digits", "Nothing was sent. Mend it and try again.")

    async def _send(self) -> None:
        environment_id = parse_environment_id(self._environment.value)
        if environment_id is None:
            self._environment.focus()
            raise UsageError(
                "The environment id is not a UUID.",
                hint="It looks like 2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11; whoever runs the app knows it.",
            )
        self.account.select_environment(environment_id, sanitize.one_line(self._email.value, 254))
        self.header.show(self.account.state)
        obstacles = sign_in_obstacles(await self.account.get_settings())
        if obstacles:
            self.status.show(" ".join(obstacles), "Sign in there with a browser instead; your codes are as they were.")
            return
        self._show_code(await self.account.send_email_code(self.account.profile.email))

    async def _resend(self) -> None:
        if self._verification is not None:
            self._show_code(await self.account.resend_email_code(self._verification))

    async def _use(self, code: Secret) -> None:
        if self._verification is not None:
            await self.account.sign_in(self._verification.verification_uuid, code)

    def _show_form(self) -> None:
        self._verification = None
        self._set_step("form")
        (self._email if self._environment.value else self._environment).focus()
        name = self.account.profile.name
        new = "" if self.account.profile.known else f" Then profile {name} is written down: mfa-tui --profile {name}."
        if self._ended:
            self.status.show(
                "Your session has ended",
                "What you asked for last was not done, and your codes are as they were. Sign in again: a code will be "
                "sent to your address. Then you are back where you were.",
            )
        else:
            self.status.show("A code will be sent to your address", f"It is typed here.{new}")

    def _show_code(self, verification: models.EmailVerification) -> None:
        self._verification = verification
        self._set_step("mail")
        self._code.clear()
        self._code.focus()
        self._countdown.start(RESEND_WAIT)
        self.status.show(
            f"A code is on its way to {sanitize.one_line(verification.email, 60)}",
            "It comes within minutes and is good for ten; look in the spam folder too.",
        )

    def _set_step(self, step: str) -> None:
        for widget in self.query(".form, .mail"):
            widget.display = widget.has_class(step)
        self._countdown.display = step == "mail"
        self.refresh_bindings()


def _line(value: str, placeholder: str) -> Input:
    field = Input(value, placeholder=placeholder, compact=True, select_on_focus=False, max_length=254, classes="form")
    field.cursor_blink = False
    return field


def _digits(typed: str) -> str:
    """Return the digits of what was typed, where there is nothing else but spaces and dashes; else nothing."""
    digits = sanitize.strip_separators(typed)
    return digits if digits.isascii() and digits.isdigit() else ""
