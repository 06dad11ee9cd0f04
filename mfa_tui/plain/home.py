"""The place to which all jobs of the line mode come back."""

from collections.abc import Awaitable, Callable

from mfa_tui import text
from mfa_tui.account import session
from mfa_tui.account.account import Account
from mfa_tui.account.state import SIGNED_IN, Ending, Stage
from mfa_tui.plain import apps, codes, keeping
from mfa_tui.plain.speech import choose, confirm, say, tell, telling
from mfa_tui.terminal import printer

Job = Callable[[Account], Awaitable[None]]


async def stay(account: Account) -> bool:
    """Do one job after another, until the person leaves; return False where the session has ended instead.

    Raises:
        GoneError: Nobody is there to be asked.
    """
    say(f"Signed in as {text.one_line(account.state.email, 254)} at {account.place}.", account.notice)
    if account.state.trouble is not None:
        tell(account.state.trouble)
    with telling():
        await codes.read(account)
    while account.state.stage in SIGNED_IN:
        jobs = [*_jobs(account), ("Leave", None)]
        job = jobs[choose("What next?", [name for name, _ in jobs])][1]
        if job is not None:
            with telling():
                await job(account)
        elif _may_leave(account):
            return True
    return False


def _jobs(account: Account) -> list[tuple[str, Job | None]]:
    """Return what can be done now."""
    state = account.state
    has_codes = state.codes is not None
    unsaved = has_codes and state.stage is Stage.NOT_SAVED and state.ending is not Ending.IN_DOUBT
    jobs: list[tuple[str, Job | None, bool]] = [
        ("Say the codes", codes.show, has_codes),
        ("Spell a code", codes.spell, bool(state.codes and state.codes.recovery_codes)),
        ("Save the codes to a file", keeping.save, unsaved),
        ("Print the codes", keeping.print_out, has_codes and printer.has_printer()),
        ("Prove that the codes are saved", keeping.prove, unsaved),
        ("Make new codes, in place of all", codes.rotate, True),
        ("Read the codes again", codes.read, True),
        ("Authenticator apps", apps.tend, True),
        ("Sign out", _sign_out, account.mailbox is None),
    ]
    return [(name, job) for name, job, is_offered in jobs if is_offered]


async def _sign_out(account: Account) -> None:
    if still_there := await session.sign_out(account):
        tell(still_there)
    else:
        say("Signed out.")


def _may_leave(account: Account) -> bool:
    """Return whether to leave: codes that are not proven saved are not left without a warning."""
    if account.state.stage is not Stage.NOT_SAVED:
        return True
    say("These codes are not proven saved.")
    say("They work, and the next start comes back to them.")
    say("But if you lose your phone and this session before that, you are locked out.")
    return confirm("Leave without saving?", stay="Stay", go_on="Leave all the same")
