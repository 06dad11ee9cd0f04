"""Running the screens: what comes before them and after."""

import argparse
import asyncio
from functools import partial

from mfa_tui import connect
from mfa_tui.account import session
from mfa_tui.account.state import Stage
from mfa_tui.errors import ExitCode
from mfa_tui.storage.config import Profile
from mfa_tui.storage.places import Places
from mfa_tui.terminal import capabilities
from mfa_tui.tui.app import MfaTui


def run(arguments: argparse.Namespace) -> int:
    """Run the screens until the person leaves them, and return the exit code.

    Raises:
        UsageError: The terminal cannot show them, or the configuration is not right.
        ServiceError: The embedded service cannot run on its data folder.
    """
    capabilities.require_full_screen()
    places = Places.of_user()
    profile = connect.profile_of(places, vars(arguments))
    return asyncio.run(_run(places, profile, challenge_alone=arguments.challenge))


async def _run(places: Places, profile: Profile, *, challenge_alone: bool) -> int:
    async with connect.open_account(places, profile) as account:
        app = MfaTui(account, remember=partial(connect.remember, places), challenge_alone=challenge_alone)
        result = await app.run_async()
        if account.state.stage is Stage.CHALLENGE_PENDING:
            await session.give_up(account)
    if result:
        print(result)  # noqa: T201 - the verb's result
    return app.return_code or ExitCode.DONE
