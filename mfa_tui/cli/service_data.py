"""Where the built-in service keeps its data, as the options of the command line say."""

import os
from urllib.parse import parse_qs, urlsplit

from mfa_tui.cli.options import DataOptions
from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.server.database import Location
from mfa_tui.storage.paths import AppPaths


def location(options: DataOptions) -> Location:
    """Return the place of the data.

    Raises:
        UsageError: The database's URL contains a password.
    """
    folder = options.data_dir or AppPaths.of_current_user().data
    return Location(folder, _database_url(options), options.keys)


def _database_url(options: DataOptions) -> Secret | None:
    if options.database_url is None:
        from_environment = os.environ.get("MFA_TUI_DATABASE_URL")
        return Secret(from_environment) if from_environment else None
    parts = urlsplit(options.database_url)
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise UsageError(
            "Other users of this machine can see the password on the command line.",
            hint="Put the URL into MFA_TUI_DATABASE_URL, or the password into ~/.pgpass, and change the password.",
        )
    return Secret(options.database_url)
