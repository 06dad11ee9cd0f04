"""`mfa-tui apps`: list, add, confirm or remove authenticator apps."""

from functools import partial

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.typed_code import parse_code
from mfa_tui.cli import runner
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import AppsOptions
from mfa_tui.errors import ExitCode, MfaTuiError, UsageError
from mfa_tui.protocol import codec, models
from mfa_tui.terminal import console
from mfa_tui.workflows import messages
from mfa_tui.workflows.factors import Factor, discard, remove

_MAX_URI_LENGTH = 2048
"""In characters."""


class AppReport(models.Message, frozen=True, kw_only=True):
    """An authenticator app in the output of `apps --json`."""

    id: str
    name: str
    is_default: bool
    confirmed: bool
    created_at: str


class AppReports(models.Message, frozen=True, kw_only=True):
    """The output of `apps --json`."""

    apps: tuple[AppReport, ...]


def run(options: AppsOptions) -> ExitCode:
    """List the apps, register or confirm one, or remove one.

    Ends with `REFUSED` if the user declines.

    Raises:
        UsageError: No such app exists, or the user cannot be asked, and `--yes` was not given.
        OutputLostError: The key of the new app could not be printed; the app is removed again.
        MfaTuiError: No user is signed in, a challenge is pending, the service refused or did not respond, or the code
            is wrong.
    """
    if (options.action == "remove") != (options.name is not None):
        message = "No app is named." if options.name is None else "Only remove takes the name of an app."
        raise UsageError(message, hint="Remove one: mfa-tui apps remove NAME.")
    return runner.run(options, partial(_run, options))


async def _run(options: AppsOptions, account: Account) -> ExitCode:
    ui = CommandUI(assume_yes=options.yes)
    await runner.require_signed_in(account)
    if options.action == "add":
        await _add(account, ui)
        return ExitCode.DONE
    devices = await account.with_step_up(account.get_mfa_devices, partial(ui.step_up, account))
    apps = [device for device in devices if device.type == "totp"]
    if options.action == "confirm":
        await _confirm(account, ui, apps)
    elif options.name is not None:
        chosen = Factor(_find(apps, options.name))
        return ExitCode.DONE if await remove(account, ui, chosen) else ExitCode.REFUSED
    else:
        _list(apps, as_json=options.json)
    return ExitCode.DONE


async def _add(account: Account, ui: CommandUI) -> None:
    registration = await account.with_step_up(account.register_totp_mfa_device, partial(ui.step_up, account))
    try:
        console.print_text(sanitize.one_line(registration.uri.reveal(), _MAX_URI_LENGTH))
    except MfaTuiError:
        await discard(account, registration)
        raise
    ui.show("Give this key to your app. Then confirm it with the code that the app shows: mfa-tui apps confirm.")


async def _confirm(account: Account, ui: CommandUI, apps: list[models.MfaDevice]) -> None:
    app = max((app for app in apps if not app.verified), key=lambda one: one.created_at, default=None)
    if app is None:
        raise UsageError("No app is to be confirmed.", hint="Add one: mfa-tui apps add.")
    code = await ui.read_secret(messages.FIRST_CODE_LABEL)
    if code is None:
        raise UsageError("No code is given.", hint="Type the code that the app shows.")
    await account.confirm_totp_mfa_device(app, parse_code(code.reveal()))
    ui.show(messages.AUTHENTICATOR_ADDED)


def _find(apps: list[models.MfaDevice], name: str) -> models.MfaDevice:
    found = [app for app in apps if name in {app.id, Factor(app).name}]
    if len(found) != 1:
        message = "Several apps have this name." if found else "There is no such app."
        raise UsageError(message, hint="Give the id of one: mfa-tui apps lists them.")
    return found[0]


def _list(apps: list[models.MfaDevice], *, as_json: bool) -> None:
    if as_json:
        reports = AppReports(apps=tuple(map(_report, apps)))
        console.print_text(codec.encode(reports).decode())
    elif apps:
        console.print_text("\n".join(map(_line, apps)))
    else:
        console.print_message("No authenticator app exists.")


def _report(app: models.MfaDevice) -> AppReport:
    return AppReport(
        id=app.id,
        name=Factor(app).name,
        is_default=app.default,
        confirmed=app.verified,
        created_at=app.created_at,
    )


def _line(app: models.MfaDevice) -> str:
    factor = Factor(app)
    state = factor.state or "confirmed"
    return f"{factor.name}, {state}, added on {factor.since}, id {sanitize.one_line(app.id, 64)}"
