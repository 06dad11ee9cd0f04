"""The recovery codes."""

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.widget import Widget

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.account.errors import NewCodesNotReturnedError, NotRevokedError, RotationUnknownError
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage, State
from mfa_tui.errors import ExitCode
from mfa_tui.formatting import Message
from mfa_tui.redaction import Secret
from mfa_tui.terminal import capabilities, printer
from mfa_tui.terminal.clipboard.clipboard import copied_message
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui.screens.account_screen import AccountScreen
from mfa_tui.tui.screens.authenticators import AuthenticatorsScreen
from mfa_tui.tui.screens.code_list import CodeListScreen
from mfa_tui.tui.screens.help import HelpScreen
from mfa_tui.tui.screens.quit import QuitScreen
from mfa_tui.tui.screens.rotate import RotateScreen
from mfa_tui.tui.screens.save import SaveScreen
from mfa_tui.tui.screens.verify_saved import VerifySavedScreen
from mfa_tui.tui.widgets.code_grid import CodeGrid
from mfa_tui.workflows import messages


class RecoveryCodesScreen(AccountScreen):
    """Shows the codes, how many are left, and what to do next."""

    HEADING = "Recovery codes"
    SHOWS_SECRETS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "rotate", "New", tooltip="Replace all codes by new ones"),
        Binding("s", "save", "Save", tooltip="Save the codes to a file"),
        Binding("p", "prove", "Prove", tooltip="Prove that the codes are saved"),
        Binding("r", "read", tooltip="Read the codes again", show=False),
        Binding("c", "copy", "Copy", tooltip="Copy the code under the cursor"),
        Binding("C", "copy_all", "All", tooltip="Copy all codes, one a line"),
        Binding("m", "list", tooltip="Show the codes one a line, for the mouse", show=False),
        Binding("l", "print", tooltip="Print the codes", show=False),
        Binding("h", "hide", "Hide", tooltip="Hide the codes, or show them"),
        Binding("a", "authenticators", "Apps", tooltip="Authenticator apps"),
        Binding("o", "sign_out", tooltip="Sign out", show=False),
        Binding("question_mark", "keys", "Help", key_display="?"),
        Binding("q", "leave", "Quit", tooltip="Quit"),
    ]

    hidden: var[bool] = var(default=False, init=False)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.grid = CodeGrid()

    def compose_body(self) -> list[Widget]:
        """Return the grid."""
        return [self.grid]

    def render_state(self, state: State) -> None:
        """Draw the codes and what to do next; read them first, if that was not tried yet."""
        self.refresh_bindings()
        self._show(state)
        if state.stage not in SIGNED_IN:
            self.status.show("Opening your account…", "")
        elif state.codes is None and state.rotation_status is None:
            self.run_task(self._read_first, "Reading your codes…", after=True)
        else:
            self.status.show(*_advice(self.account))

    def notice_text(self, state: State) -> str:
        """Return what the account has to say; or, to those who are new here, which service this is."""
        is_new = self.account.profile.is_built_in and state.stage is Stage.CODES_NOT_CONFIRMED
        return self.account.expiry_warning or (_WELCOME if is_new else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        state = self.account.state
        route = self.secure_app.user_clipboard.kind
        copies = route is not BackendKind.NONE
        ready = (self.is_reading or not self.busy) and state.stage in SIGNED_IN
        has_codes = ready and bool(self._codes)
        offered = {
            "rotate": ready,
            "save": has_codes,
            "prove": has_codes and state.stage is Stage.CODES_NOT_CONFIRMED,
            "print": has_codes and capabilities.has_printer(),
            "copy": has_codes and copies,
            "copy_all": has_codes and copies,
            "list": has_codes and not route.is_proven,
            "read": ready,
            "authenticators": ready,
            "sign_out": ready and not self.account.signs_in_automatically,
        }
        return offered.get(action, True)

    def on_mount(self) -> None:
        """Follow what the app knows of who looks."""
        self.watch(self.app, "covered", lambda _: self.watch_hidden(), init=False)

    def watch_hidden(self) -> None:
        """Cover or uncover the codes."""
        self._show(self.account.state)

    def action_hide(self) -> None:
        """Cover the codes, or uncover them."""
        self.hidden = not self.hidden

    def action_read(self) -> None:
        """Read the codes from the service, and settle a rotation whose answer was lost."""
        self.run_task(self._read, "Reading your codes…")

    def action_rotate(self) -> None:
        """Make new codes, once the person has said so."""
        self.run_task(self._rotate, "Looking whether all is ready…")

    def action_save(self) -> None:
        """Save the codes to a file."""
        self.run_task(self._save)

    def action_print(self) -> None:
        """Print the codes."""
        self.run_task(self._print, "Printing…")

    def action_prove(self) -> None:
        """Have the person prove that the codes are saved, and tell the service."""
        self.run_task(self._prove)

    def action_copy(self) -> None:
        """Copy the code under the cursor."""
        self.run_task(self._copy)

    def action_copy_all(self) -> None:
        """Copy all codes, one a line."""
        self.run_task(self._copy_all)

    def action_list(self) -> None:
        """Show the codes one a line, for the mouse."""
        self.app.push_screen(CodeListScreen(self._codes))

    @work(description="help")
    async def action_keys(self) -> None:
        """Show all keys, and do what the one that is pressed does."""
        if action := await self.app.push_screen_wait(HelpScreen(self)):
            await self.run_action(action)

    def action_authenticators(self) -> None:
        """Show the authenticator apps."""
        self.app.push_screen(AuthenticatorsScreen(self.account))

    def action_sign_out(self) -> None:
        """End the session here and at the service, and sign in anew."""
        self.run_task(self._sign_out, "Signing out…")

    @work(description="leave", exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """End; codes that are not proven saved are not left without a warning."""
        if self.quit_warning:
            await self.app.action_quit()
        elif self.account.state.stage is not Stage.CODES_NOT_CONFIRMED or await self._is_left_unsaved():
            self.secure_app.end(ExitCode.DONE)

    async def _is_left_unsaved(self) -> bool:
        return await self.app.push_screen_wait(QuitScreen())

    async def _read_first(self) -> None:
        if self.account.state.codes is None:
            await self._read()
        else:
            self.status.show(*_advice(self.account))

    async def _read(self) -> None:
        self.is_reading = True
        try:
            await self.account.read_codes()
        finally:
            self.is_reading = False
        self.status.show(*_advice(self.account))  # a set that is as it was changes no state, and draws nothing

    async def _rotate(self) -> None:
        ways = capabilities.backup_options(by_clipboard=self.secure_app.user_clipboard.kind is not BackendKind.NONE)
        readiness = await self.account.prepare_rotation(ways)
        if await self.app.push_screen_wait(RotateScreen(readiness)):
            self.status.show("Making new codes…", "Stay until they are here.")
            with self.quit_warning_while("New codes are being made: the next start finds out what came of it"):
                await self.with_step_up(self.account.create_new_mfa_recovery_codes)
            if self.account.state.rotation_status is None:
                self.status.show("Replaced: the old codes no longer work", f"Whatever holds them is worthless. {_KEEP}")
        else:
            self.status.show("Nothing was changed", "Your existing codes remain valid.")

    async def _save(self) -> None:
        name = await self.app.push_screen_wait(SaveScreen(self.account))
        if name:
            prove = "Now press p and say how two of the codes end: that proves it."
            self.status.show(f"Saved to {name}", prove if self.account.state.stage is Stage.CODES_NOT_CONFIRMED else "")

    async def _print(self) -> None:
        await printer.print_text(messages.codes_sheet(self.account))
        self.status.show("Sent to the printer", "With the paper in hand, press p and say how two of the codes end.")

    async def _copy(self) -> None:
        number = self.grid.place + 1
        await self._carry(f"code {number}", self._codes[number - 1 : number])

    async def _copy_all(self) -> None:
        await self._carry(formatting.count(len(self._codes), "code"), self._codes)

    async def _carry(self, what: str, codes: Sequence[Secret]) -> None:
        if codes:
            await self.secure_app.copy(Secret("\n".join(code.reveal() for code in codes)))
            self.status.show(*copied_message(self.secure_app.user_clipboard.kind, what))

    @property
    def _codes(self) -> Sequence[Secret]:
        codes = self.account.state.codes
        return codes.recovery_codes if codes else ()

    async def _prove(self) -> None:
        if await self.app.push_screen_wait(VerifySavedScreen(self.account)):
            await self.with_step_up(self.account.acknowledge_recovery_codes)

    async def _sign_out(self) -> None:
        try:
            await self.account.sign_out()
        except NotRevokedError as error:
            self.account.warn(error)

    def _show(self, state: State) -> None:
        in_doubt = state.rotation_status is RotationStatus.UNKNOWN
        covered = self.secure_app.covered
        self.grid.show(self._codes, hidden=self.hidden or covered, in_doubt=in_doubt)
        left = "in doubt" if in_doubt else messages.codes_left(self.account.state)
        unsaved = "unsaved" if state.stage is Stage.CODES_NOT_CONFIRMED else ""
        mark = "hidden" if self.hidden else unsaved
        self.detail.update("any key shows them" if covered else " · ".join(filter(None, (left and mark, left))))


_WELCOME = "This is the service that mfa-tui carries inside. For a hosted one: mfa-tui --profile NAME"

_KEEP = "Keep these where you can reach them without your phone, then press p."

_NEXT = {
    RotationUnknownError: "Press r to look again.",
    NewCodesNotReturnedError: "Press n to make a set that you can see.",
}


def _advice(account: Account) -> Message:
    """Return what to do next."""
    state = account.state
    if trouble := state.codes_problem:
        return Message(trouble.message, f"{trouble.impact} {_NEXT[type(trouble)]}")
    news = messages.reconciled(state)
    if state.stage is Stage.CODES_NOT_CONFIRMED:
        return Message(news.heading, f"{news.rest} {_KEEP}") if news else Message("Not saved yet", _KEEP)
    saved = Message("Saved", "Each code works once, to sign in when your authenticator is not at hand.")
    return news or messages.low_codes(account.state) or saved
