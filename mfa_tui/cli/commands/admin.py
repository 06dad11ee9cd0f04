"""`mfa-tui admin reset`: let a user of the built-in service start again, on the service's own data."""

import asyncio
from contextlib import closing

from mfa_tui import sanitize
from mfa_tui.cli import service_data
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.options import AdminOptions
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.server import reset
from mfa_tui.server.database import OpenedStore
from mfa_tui.workflows.ui import Confirmation


def run(options: AdminOptions) -> ExitCode:
    """Reset a user. Ends with `REFUSED` if the operator declines.

    Raises:
        UsageError: There is no data of a service, or the operator cannot be asked and `--yes` was not given.
        ServiceError: The service has no such user, or its database cannot be used.
    """
    location = service_data.location(options)
    if not location.keys.exists():
        raise UsageError(
            f"No service keeps its data here: the key file {location.keys} does not exist.",
            hint="Give the --data-dir, --database-url and --keys that mfa-tui serve has.",
        )
    opened = OpenedStore.open(location)
    with closing(opened.store):
        reset.require_user(opened.store, options.email)
        ui = CommandUI(assume_yes=options.yes)
        if not asyncio.run(ui.confirm(_confirmation(options.email))):
            return ExitCode.REFUSED
        reset.run(opened.store, opened.keys, options.email)
    ui.show("Done. The next sign-in needs only the code from the e-mail, and the user gets new recovery codes then.")
    return ExitCode.DONE


def _confirmation(email: str) -> Confirmation:
    return Confirmation(
        question="Reset this user?",
        consequences=(
            f"The sessions of {sanitize.one_line(email, 254)} end.",
            "The recovery codes stop working, wherever they are saved. Authenticator apps and passkeys are removed.",
            "Until new recovery codes are saved, the mailbox alone is enough to sign in. Be sure who asks for this.",
        ),
        cancel="Change nothing",
        confirm="Reset",
        action="reset the user",
    )
