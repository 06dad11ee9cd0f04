"""`mfa-tui status`: the user, the service, and the state of the codes."""

import contextlib
import time
from datetime import UTC, datetime
from functools import partial

from mfa_tui import formatting, sanitize
from mfa_tui.account import rules
from mfa_tui.account.account import Account
from mfa_tui.account.sessions import decline_step_up
from mfa_tui.account.state import SIGNED_IN, RotationStatus, Stage
from mfa_tui.cli import runner
from mfa_tui.cli.options import OutputOptions
from mfa_tui.client.errors import CodesNotReturnedError, NotSignedInError
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import codec, models
from mfa_tui.terminal import console
from mfa_tui.workflows import messages

_MAX_READS = 3
"""Attempts to read codes and user as of the same moment."""

_EXIT_CODES = {Stage.NO_SESSION: ExitCode.NOT_SIGNED_IN, Stage.CHALLENGE_PENDING: ExitCode.CHALLENGE_PENDING}


class StatusReport(models.Message, frozen=True, kw_only=True):
    """The output of `status --json`, in camel case. Fields are only ever added."""

    profile: str
    service: str
    """The service's name for display."""
    environment_id: str | None
    email: str | None
    """The address of the user who is signed in; null if none is."""
    signed_in: bool
    challenge_pending: bool
    acknowledgement_pending: bool | None
    """Whether the codes are not confirmed yet; null if no codes exist, or it is not known."""
    saved: bool | None
    """Whether this program has saved the codes to a place; null if `count` is."""
    rotation_in_doubt: bool
    """Whether it is not known if the last rotation replaced the codes."""
    rotation_unseen: bool
    """Whether the set was replaced since a rotation was requested here, and the new codes were not shown here."""
    running_low: bool | None
    """Whether so few codes are left that it is time to rotate; null if `count` is."""
    count: int | None
    """The number of codes left; null if no codes exist, or it is not known."""
    expires_at: int | None
    """The end of the stored session, in unix seconds; null if no session is stored."""


def run(options: OutputOptions) -> ExitCode:
    """Print the status, which holds no code. Reads the codes only if a set exists: reading would create one.

    Ends with `NOT_SIGNED_IN` or `CHALLENGE_PENDING` if that is the status.

    Raises:
        MfaTuiError: The service refused the request, or did not respond.
    """
    return runner.run(options, partial(_print_status, as_json=options.json))


async def _print_status(account: Account, *, as_json: bool) -> ExitCode:
    # The stage shows which of the two it was.
    with contextlib.suppress(NotSignedInError, CodesNotReturnedError):
        await runner.resume_or_sign_in(account)
        await _read_codes(account)
    status = _status_of(account)
    console.print_text(codec.encode(status).decode() if as_json else "\n".join(_lines(status)))
    trouble = account.state.codes_problem
    return trouble.exit_code if trouble else _EXIT_CODES.get(account.state.stage, ExitCode.DONE)


async def _read_codes(account: Account) -> None:
    """Read the codes and then the user; again if another program has replaced or confirmed the set in between."""
    for _ in range(_MAX_READS):
        if not account.state.has_codes:
            return
        confirmed = account.user.mfa_backup_code_acknowledgement
        await account.with_step_up(account.read_codes, decline_step_up)
        await account.with_step_up(account.read_user, decline_step_up)
        if account.user.mfa_backup_code_acknowledgement == confirmed:
            return


def _status_of(account: Account) -> StatusReport:
    state = account.state
    user = state.session.user if state.session else None
    return StatusReport(
        profile=account.profile.name,
        service=account.service_name,
        environment_id=account.client.environment_id or None,
        email=sanitize.one_line(state.email, 254) or None,
        signed_in=user is not None,
        challenge_pending=state.stage is Stage.CHALLENGE_PENDING,
        acknowledgement_pending=rules.is_pending_recovery_codes_acknowledgment(user)
        if user and state.has_codes
        else None,
        saved=state.is_saved if state.codes else None,
        rotation_in_doubt=state.rotation_status in {RotationStatus.UNKNOWN, RotationStatus.UNDETERMINED},
        rotation_unseen=state.rotation_unseen,
        running_low=state.codes.count <= messages.LOW_CODES if state.codes else None,
        count=state.codes.count if state.codes else None,
        expires_at=state.session.expires_at if state.session and state.stage in SIGNED_IN else None,
    )


def _lines(status: StatusReport) -> list[str]:
    """Return the status as lines of a name and a value."""
    service = f"{status.service}, environment {status.environment_id}" if status.environment_id else status.service
    values = [("service", service), ("signed in", _signed_in(status))]
    if status.signed_in:
        values.append(
            ("challenge", "pending: complete it with mfa-tui use" if status.challenge_pending else "none pending")
        )
    if status.signed_in and not status.challenge_pending:
        values.append(("codes", _codes(status)))
    if status.expires_at is not None:
        ends = datetime.fromtimestamp(status.expires_at, UTC)
        left = formatting.duration(max(0, status.expires_at - int(time.time())))
        values.append(("session", f"ends in {left}, at {ends:%Y-%m-%d %H:%M} UTC"))
    return [f"{name + ':':<11}{value}" for name, value in values]


def _signed_in(status: StatusReport) -> str:
    if not status.signed_in:
        return "no"
    if status.challenge_pending:
        return f"not yet as {status.email}: a second factor is required"
    return f"as {status.email}"


def _codes(status: StatusReport) -> str:
    if status.rotation_in_doubt:
        return "not known if they were replaced: see mfa-tui codes"
    if status.acknowledgement_pending is None:
        return "none made yet"
    if status.rotation_unseen:
        return "replaced since a rotation was requested, and not shown here yet: see mfa-tui codes"
    left = "not listed by the service" if status.count is None else f"{status.count} left"
    kept = messages.kept(is_confirmed=not status.acknowledgement_pending, is_saved=bool(status.saved))
    advice = ""
    if status.running_low:
        advice = f": rotate {'soon' if status.count else 'now'} with mfa-tui rotate"
    elif status.acknowledgement_pending:
        advice = ": once you have them, confirm it with mfa-tui acknowledge"
    return f"{left}, {kept}{advice}"
