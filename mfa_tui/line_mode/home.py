"""The place to which all jobs of the line mode come back."""

from collections.abc import Awaitable, Callable

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage, State
from mfa_tui.line_mode import codes, devices, saving
from mfa_tui.line_mode.dialog import choose, confirm, say, tell, telling
from mfa_tui.terminal import capabilities

Job = Callable[[Account], Awaitable[None]]

_SIGNS_IN_ALONE = "There is nothing to sign out of: mfa-tui signs in to the service inside it by itself."


async def stay(account: Account) -> bool:
    """Do one job after another, until the person leaves; return False where the session has ended instead.

    Raises:
        NoTerminalError: Nobody is there to be asked.
    """
    say(
        f"Signed in as {sanitize.one_line(account.state.email, 254)} at {account.service_name}.", account.expiry_warning
    )
    if account.state.warning is not None:
        tell(account.state.warning)
    with telling():
        await codes.read(account)
    while account.state.stage in SIGNED_IN:
        jobs = _jobs(account)
        _, job, obstacle = jobs[choose("What next?", [name for name, _, _ in jobs])]
        if obstacle:
            say(obstacle)
        elif job is not None:
            with telling():
                await job(account)
        elif _may_leave(account):
            return True
    return False


def _jobs(account: Account) -> list[tuple[str, Job | None, str]]:
    """Return all that can be done, always in the same places, and why it cannot be now, as a sentence.

    What has no job is leaving.
    """
    state = account.state
    codes_ = state.codes.recovery_codes if state.codes else ()
    unread = "" if state.codes is not None else "The codes are not known here: ask the service again."
    in_doubt = "It is not known whether these codes work: ask the service again." * (
        state.rotation_status is RotationStatus.UNKNOWN
    )
    return [
        ("Say the codes", codes.show, unread),
        ("Spell a code", codes.spell, unread or ("" if codes_ else "There is no code to spell.")),
        ("Save the codes to a file", saving.save, unread or in_doubt),
        ("Print the codes", saving.print_out, unread or ("" if capabilities.has_printer() else "There is no printer.")),
        ("Prove that the codes are saved", saving.prove, unread or in_doubt or _proven(state)),
        ("Make new codes, in place of all", codes.rotate, ""),
        ("Ask the service again", codes.read, ""),
        ("Authenticator apps", devices.manage_devices, ""),
        ("Sign out", _sign_out, "" if not account.signs_in_automatically else _SIGNS_IN_ALONE),
        ("Leave", None, ""),
    ]


def _proven(state: State) -> str:
    return "" if state.stage is Stage.CODES_NOT_CONFIRMED else "The codes are said to be saved already."


async def _sign_out(account: Account) -> None:
    await account.sign_out()
    say("Signed out.")


def _may_leave(account: Account) -> bool:
    """Return whether to leave: codes that are not proven saved are not left without a warning."""
    if account.state.stage is not Stage.CODES_NOT_CONFIRMED:
        return True
    say("These codes are not proven saved.")
    say("They work, and the next start comes back to them.")
    say("But if you lose your phone and this session before that, you are locked out.")
    return confirm("Leave without saving?", stay="Stay", go_on="Leave all the same")
