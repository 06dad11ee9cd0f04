"""The recovery codes."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.widget import Widget

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.account.errors import NotRevokedError, UnseenCodesError
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage, State
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.formatting import Message
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.terminal import capabilities
from mfa_tui.terminal.clipboard.clipboard import copied_message
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui import screens
from mfa_tui.tui.screen_ui import ScreenUI
from mfa_tui.tui.screens.advice import KEEP, NEXT_STEPS, QUIT, WELCOME, next_step
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.tui.screens.rotate import rotate_on
from mfa_tui.tui.screens.step_up import ProtectedScreen
from mfa_tui.tui.secure_app import watch_covered
from mfa_tui.tui.widgets.code_grid import CodeGrid
from mfa_tui.workflows import messages
from mfa_tui.workflows.profiles import SWITCH_PROFILE
from mfa_tui.workflows.save import print_on_paper, save
from mfa_tui.workflows.sign_in import sign_out
from mfa_tui.workflows.verify import confirm_saved


class RecoveryCodesScreen(ProtectedScreen[None]):
    """Shows the codes, how many are left, and the next step.

    In another app than mfa-tui, codes are not covered or copied, and quitting dismisses the screen.
    """

    HEADING = "Recovery codes"
    SHOWS_SECRETS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save", "Save", tooltip=messages.SAVE_TO_FILE),
        Binding("v", "verify", "Verify", tooltip=messages.VERIFY_SAVED),
        Binding("r", "read", tooltip=messages.READ_AGAIN, show=False),
        Binding("r", "read_first", "Read again", tooltip=messages.READ_AGAIN),
        Binding("R", "rotate", "Rotate", tooltip="Replace all codes with new ones"),
        Binding("C", "copy_all", tooltip="Copy all codes, one a line", show=False),
        Binding("c", "copy", "Copy", tooltip="Copy the code under the cursor"),
        Binding("m", "list", tooltip="Show the codes one a line, for the mouse", show=False),
        Binding("P", "print", tooltip="Print the codes", show=False),
        Binding("h", "hide", "Hide", tooltip="Hide the codes, or show them"),
        Binding("a", "factors", "Factors", tooltip="Apps and passkeys"),
        Binding("p", "profiles", tooltip=SWITCH_PROFILE, show=False),
        Binding("o", "sign_out", tooltip="Sign out", show=False),
        Binding("question_mark", "keys", "Help", key_display="?"),
        Binding("q", "leave", "Quit", tooltip="Quit"),
    ]

    hidden: var[bool] = var(default=False, init=False)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.grid = CodeGrid()
        self._reported: models.RecoveryCodes | None = None
        """The codes that were reported to the account as shown."""
        self._advised: Message | None = None
        """The advice of the last state."""

    def compose_body(self) -> list[Widget]:
        """Return the grid."""
        return [self.grid]

    def render_state(self, state: State) -> None:
        """Draw the codes and the next step; read the codes first, if that was not attempted yet."""
        self.refresh_bindings()
        self._show(state)
        if state.stage not in SIGNED_IN:
            self._advised = None
            self.show_progress("Opening your account")
        elif state.codes is None and state.rotation_status is None:
            self._advised = None
            self.run_task(self._read_first, after=True)
        elif (advice := next_step(self.account)) != self._advised:  # else the result of an action stays visible
            self._advised = advice
            self.status.show(*advice)
            if advice is messages.NO_CODES_LEFT:
                self.run_task(self._rotate, messages.CHECKING, after=True)

    def notice_text(self, state: State) -> str:
        """Return the warning of the account; or, for a new user, which service this is."""
        is_new = self.account.profile.is_built_in and state.stage is Stage.CODES_NOT_CONFIRMED
        return self.account.expiry_warning or (WELCOME if is_new else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only the actions that are possible now."""
        state = self.account.state
        clipboard = self.secure_app.user_clipboard.kind if self.secure_app else BackendKind.NONE
        copies = clipboard is not BackendKind.NONE
        can_act = self.is_reading or not self.busy
        ready = can_act and state.stage in SIGNED_IN
        has_codes = ready and bool(self._codes)
        offered = {
            "rotate": ready,
            "save": has_codes,
            "verify": has_codes and state.stage is Stage.CODES_NOT_CONFIRMED,
            "print": has_codes and capabilities.has_printer(),
            "copy": has_codes and copies,
            "copy_all": has_codes and copies,
            "list": has_codes and not clipboard.is_proven,
            "read": has_codes,
            "read_first": ready and not has_codes and not self.is_reading,
            "hide": has_codes,
            "factors": ready,
            "profiles": self.secure_app is not None and can_act and not self._local_tasks,
            "sign_out": ready and not self.account.signs_in_automatically,
        }
        return offered.get(action, True)

    def on_mount(self) -> None:
        """Cover the codes whenever the app does."""
        watch_covered(self, lambda _: self.watch_hidden(), init=False)

    def on_screen_resume(self) -> None:
        """Report the codes as shown when the screen on top of them is closed."""
        self.call_after_refresh(self._report_shown)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - the signature is the base class's
        """Draw again for the new width."""
        self._show(self.account.state)

    def watch_hidden(self) -> None:
        """Draw the codes, hidden or not."""
        self._show(self.account.state)

    def action_hide(self) -> None:
        """Hide the codes, or show them."""
        self.hidden = not self.hidden

    def action_read(self) -> None:
        """Read the codes from the service, which also finds out the outcome of a rotation."""
        self.run_task(self._read, messages.READING)

    def action_read_first(self) -> None:
        """Read the codes, if that failed before."""
        self.action_read()

    def action_rotate(self) -> None:
        """Replace the codes, if the user confirms."""
        self.run_task(self._rotate, messages.CHECKING)

    def action_save(self) -> None:
        """Save the codes to a file."""
        self.run_local_task(self._save)

    def show_failure(self, error: MfaTuiError) -> None:
        """Show why a task failed, and what to do next on this screen."""
        self.status.show_error(error, NEXT_STEPS.get(type(error)))

    def action_print(self) -> None:
        """Print the codes."""
        self.run_local_task(self._print)

    def action_verify(self) -> None:
        """Verify with the user that the codes are saved, and confirm it to the service."""
        self.run_task(self._verify)

    def action_copy(self) -> None:
        """Copy the code under the cursor."""
        self.run_local_task(self._copy)

    def action_copy_all(self) -> None:
        """Copy all codes, one a line."""
        self.run_local_task(self._copy_all)

    def action_list(self) -> None:
        """Show the codes one a line, for the mouse."""
        self.app.push_screen(screens.CodeListScreen(self._codes))

    @work(description="help")
    async def action_keys(self) -> None:
        """Show all keys, and run the action of the one that is pressed."""
        if key := await self.app.push_screen_wait(screens.HelpScreen(self)):
            await self.app.run_action(key.binding.action, key.node)

    def action_factors(self) -> None:
        """Show the authenticator apps and passkeys."""
        self.app.push_screen(screens.FactorsScreen(self.account))

    def action_sign_out(self) -> None:
        """End the session here and at the service."""
        self.run_task(self._sign_out, "Signing out")

    @work(description="leave", exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """Quit, after a warning if the codes are not confirmed."""
        app = self.secure_app
        if self.quit_warning and app:
            await app.action_quit()
        elif self.quit_warning:
            self.status.show(self.quit_warning, "Stay until it is done.")
        elif self.account.state.stage is not Stage.CODES_NOT_CONFIRMED or await self.app.push_screen_wait(
            ConfirmScreen(QUIT)
        ):
            app.end(ExitCode.DONE) if app else self.dismiss()

    async def _read_first(self) -> None:
        if self.account.state.codes is None:  # else they were read meanwhile
            self.show_progress(messages.READING)
            await self._read()

    async def _read(self) -> None:
        self.is_reading = True
        try:
            await self.account.read_codes()
        finally:
            self.is_reading = False
        if self.status.shows_progress:  # an unchanged set changes no state, so nothing was drawn
            self.status.show(*next_step(self.account))

    async def _rotate(self) -> None:
        try:
            outcome = await rotate_on(self)
        except UnseenCodesError:
            self.status.show(*next_step(self.account))
            return
        if outcome is not None:
            news = messages.rotated(outcome)
            self.status.show(news.heading, f"{news.rest} {KEEP}")

    async def _save(self) -> None:
        if store := await self.app.push_screen_wait(screens.SaveScreen()):
            await save(self.account, ScreenUI(self), store)

    async def _print(self) -> None:
        await print_on_paper(self.account, ScreenUI(self))

    async def _copy(self) -> None:
        slot = self.account.state.slots[self.grid.place]
        if slot.code is None:
            self.status.show(f"Code {slot.number} is used", "It is nowhere any more, and cannot be copied.")
        else:
            await self._copy_to_clipboard(f"code {slot.number}", [slot.code])

    async def _copy_all(self) -> None:
        codes = self.account.state.codes
        await self._copy_to_clipboard(formatting.count(len(self._codes), "code"), self._codes)
        if codes is not None:
            self._mark_shown(codes)  # not saved: the clipboard is cleared soon

    async def _copy_to_clipboard(self, subject: str, codes: Sequence[Secret]) -> None:
        if codes and (app := self.secure_app):
            await app.copy(Secret("\n".join(code.reveal() for code in codes)))
            self.status.show(*copied_message(app.user_clipboard.kind, subject))

    @property
    def _codes(self) -> Sequence[Secret]:
        codes = self.account.state.codes
        return codes.recovery_codes if codes else ()

    async def _verify(self) -> None:
        screen = screens.VerifySavedScreen(self.account)
        if await self.app.push_screen_wait(screen):
            await confirm_saved(self.account, ScreenUI(self), screen.codes)

    async def _sign_out(self) -> None:
        try:
            await sign_out(self.account, ScreenUI(self))
        except NotRevokedError as error:
            self.account.warn(error)

    def _show(self, state: State) -> None:
        in_doubt = state.rotation_status is RotationStatus.UNKNOWN
        self.grid.show(state.slots, hidden=self.hidden or self.is_covered, in_doubt=in_doubt)
        left = "in doubt" if in_doubt else messages.codes_left(state)
        kept = messages.kept(is_confirmed=state.stage is Stage.READY, is_saved=state.is_saved)
        is_known = state.stage in SIGNED_IN and not in_doubt
        mark = "hidden" if self.hidden else kept if is_known and self.app.size.width >= _FULL_WIDTH else ""
        self.detail.update(
            "Hidden: press any key" if self.is_covered else " · ".join(filter(None, (left and mark, left)))
        )
        self.call_after_refresh(self._report_shown)

    def _report_shown(self) -> None:
        """Report to the account that the user has seen the codes, if they are on the screen."""
        state = self.account.state
        if (
            self.hidden
            or self.is_covered
            or not self.is_current
            or state.codes is None
            or state.codes is self._reported
        ):
            return
        self._reported = state.codes
        self._mark_shown(state.codes)

    @work(description="report that the codes are shown")
    async def _mark_shown(self, codes: models.RecoveryCodes) -> None:
        await self.account.mark_shown(codes)


_FULL_WIDTH = 46
"""Columns for the title with all of its details."""
