"""The screens over a service like a hosted one: the program cannot read its e-mails."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from mfa_tui.account.account import Account
from mfa_tui.client.client import DynamicClient
from mfa_tui.server.service import Service
from mfa_tui.storage.config import Config
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile
from mfa_tui.storage.record_file import RecordFile
from mfa_tui.storage.sessions import SessionFile
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.timing import DEFAULT_TIMING, Timing
from mfa_tui.tui.app import MfaTui
from tests.support.app import AppPilot
from tests.support.transport import FaultyTransport

URL = "https://service.test/api/v0"

OpenAccount = Callable[[str | None], AbstractAsyncContextManager[Account]]

ShowApp = Callable[..., AbstractAsyncContextManager[AppPilot]]


@dataclass
class Hosted:
    """The account, the transport to its service, and the user's mailbox."""

    account: Account
    network: FaultyTransport
    service: Service

    def mail(self) -> str:
        """Return the code in the only e-mail, and delete the e-mail."""
        (path,) = self.service.outbox.glob("code-*.eml")
        found = re.search(r"^(\d{6})\s*$", path.read_text(), re.MULTILINE)
        assert found is not None
        path.unlink()
        return found[1]


@pytest.fixture
async def hosted(tmp_path: Path, places: AppPaths) -> AsyncIterator[Hosted]:
    service = Service.open(tmp_path / "hosted")
    network = FaultyTransport().to(service.app)
    profile = Profile("work", service.environment_id, "me@example.org", URL)
    folder = places.state / "work"
    async with DynamicClient(network, URL, service.environment_id) as client:
        account = Account(
            client,
            profile,
            SessionFile(folder / "session.json"),
            lambda user: RecordFile(places.records, user, old_journal_folder=folder),
            write_profile=Config(places.config_file).save,
        )
        yield Hosted(account, network, service)
    service.close()


@pytest.fixture
def show_app() -> ShowApp:
    """Return a function that shows the screens of an account."""

    @asynccontextmanager
    async def show(
        account: Account,
        *,
        challenge_alone: bool = False,
        clipboard_kind: BackendKind = BackendKind.NONE,
        hide_after: float = 0,
        size: tuple[int, int] = (80, 24),
        timing: Timing = DEFAULT_TIMING,
        open_account: OpenAccount | None = None,
    ) -> AsyncIterator[AppPilot]:
        app = MfaTui(
            open_account or (lambda _: nullcontext(account)),
            challenge_alone=challenge_alone,
            clipboard_kind=clipboard_kind,
            hide_after=hide_after,
            timing=timing,
        )
        async with app.run_test(size=size) as pilot:
            yield AppPilot(pilot, app)

    return show
