"""The menus of the line mode: the main one, and the one of the factors."""

from collections.abc import Awaitable, Callable
from functools import partial

from mfa_tui import connection, sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage
from mfa_tui.errors import ExitCode
from mfa_tui.line_mode import codes
from mfa_tui.line_mode.line_ui import LineUI
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile, ProfileOverrides
from mfa_tui.terminal import capabilities
from mfa_tui.workflows import factors, messages
from mfa_tui.workflows.factors import Factor
from mfa_tui.workflows.passkeys import add_passkey
from mfa_tui.workflows.profiles import ONLY_PROFILE, SWITCH_PROFILE, WHICH_PROFILE, list_profiles
from mfa_tui.workflows.sign_in import sign_out
from mfa_tui.workflows.ui import Confirmation
from mfa_tui.workflows.verify import verify_saved

Action = Callable[[Account, LineUI], Awaitable[object]]

_SIGNS_IN_AUTOMATICALLY = "Signing out does nothing here: mfa-tui signs in to its built-in service automatically."

QUIT = Confirmation(
    question="Quit without confirming?",
    consequences=(str(messages.QUIT_UNCONFIRMED),),
    cancel="Stay",
    confirm="Quit anyway",
    action="quit",
)


async def run_menu(account: Account, ui: LineUI) -> ExitCode | Profile | None:
    """Run one action after another until the user quits or chooses another profile, which is the result.

    Returns None if the session has ended instead.

    Raises:
        NoTerminalError: The terminal is gone, or input ended.
    """
    user = sanitize.one_line(account.state.email, 254)
    ui.print_lines(f"Signed in as {user} at {account.service_name}.", account.expiry_warning)
    with ui.reporting():
        await codes.read(account, ui)
    if account.state.warning is not None:
        ui.show(account.state.warning)
    while account.state.stage in SIGNED_IN:
        actions = _actions(account)
        _, action, obstacle = actions[ui.ask(messages.WHAT_NEXT, [name for name, _, _ in actions])]
        if obstacle:
            ui.show(obstacle)
        elif action is not None:
            with ui.reporting():
                if isinstance(result := await action(account, ui), Profile):
                    return result
        elif account.state.stage is not Stage.CODES_NOT_CONFIRMED or await ui.confirm(QUIT):
            return ExitCode.DONE
    return None


async def choose_profile(account: Account, ui: LineUI) -> Profile | None:
    """List the profiles, and return the one to switch to; None if the user stays.

    Raises:
        ConfigError: The configuration is wrong.
        StorageError: The configuration, a session or a record could not be read.
    """
    paths, current = AppPaths.of_current_user(), account.profile.name
    reports = list_profiles(paths)
    others = [report for report in reports if report.name != current]
    if not others:
        ui.show(ONLY_PROFILE)
        return None
    here = next((f"{report.name}: {report.facts}" for report in reports if report.name == current), current)
    choices = (f"Stay at {here}", *(f"{report.name}: {report.facts}" for report in others))
    chosen = ui.ask(WHICH_PROFILE, choices)
    if chosen == 0:
        return None
    return connection.load_profile(paths, ProfileOverrides(profile=others[chosen - 1].name))


async def manage_factors(account: Account, ui: LineUI) -> None:
    """List the apps and passkeys, and add, choose, rename or remove one until the user goes back.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    while True:
        found = await factors.list_factors(account, ui)
        ui.print_lines(*map(_factor_line, found) if found else ("No authenticator app or passkey exists yet.",))
        actions: list[tuple[str, Callable[[], Awaitable[object]]]] = []
        if factors.can_add_authenticator(found):
            actions.append(("Add an app", partial(factors.add_authenticator, account, ui)))
        actions.append(("Add a passkey", partial(add_passkey, account, ui)))
        for factor in found:
            if factor.is_passkey:
                actions.append((f"Rename: {factor.name}", partial(factors.rename, account, ui, factor)))
            elif factor.can_become_default:
                actions.append((f"Make default: {factor.name}", partial(factors.make_default, account, ui, factor)))
            actions.append((f"Remove: {factor.name}", partial(factors.remove, account, ui, factor)))
        chosen = ui.ask(messages.WHAT_NEXT, ("Back to the codes", *(name for name, _ in actions)))
        if chosen == 0:
            return
        await actions[chosen - 1][1]()


def _actions(account: Account) -> list[tuple[str, Action | None, str]]:
    """Return the name of each action, the action, and why it is not possible now, as a sentence.

    The list has the same order always. None quits.
    """
    state = account.state
    unread = "" if state.codes is not None else "The codes are not known here: read them again."
    unknown = "It is not known whether these codes work: read them again." * (
        state.rotation_status is RotationStatus.UNKNOWN
    )
    none_left = "" if state.codes and state.codes.recovery_codes else str(messages.NO_CODES_LEFT)
    no_printer = "" if capabilities.has_printer() else "No printer is set up."
    confirmed = "" if state.stage is Stage.CODES_NOT_CONFIRMED else "The codes are confirmed already."
    automatic = _SIGNS_IN_AUTOMATICALLY if account.signs_in_automatically else ""
    return [
        ("Show the codes", codes.print_codes, unread),
        ("Spell a code", codes.spell, unread or none_left),
        (messages.SAVE_TO_FILE, codes.save, unread or unknown or none_left),
        ("Print the codes on paper", codes.print_on_paper, unread or none_left or no_printer),
        (messages.VERIFY_SAVED, verify_saved, unread or unknown or none_left or confirmed),
        ("Rotate: replace all codes with new ones", codes.rotate_codes, ""),
        (messages.READ_AGAIN, codes.read, ""),
        ("Authenticator apps and passkeys", manage_factors, ""),
        (SWITCH_PROFILE, choose_profile, ""),
        ("Sign out", sign_out, automatic),
        ("Quit", None, ""),
    ]


def _factor_line(factor: Factor) -> str:
    return f"{factor.name}{', ' * bool(factor.state)}{factor.state}. {factor.details}"
