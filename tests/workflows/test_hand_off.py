"""Passkeys by a hand-off: the program's own listener, and a page that answers over a real connection."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.errors import HandoffDeclinedError, HandoffExpiredError
from mfa_tui.account.state import Stage
from mfa_tui.client.errors import InvalidPasskeyError
from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.server import step_up
from mfa_tui.terminal import security_keys
from mfa_tui.workflows.passkeys import add_passkey, use_passkey
from mfa_tui.workflows.ui import BrowserLink
from tests.support.handoff_page import Page
from tests.support.scripted_ui import ScriptedUI
from tests.support.security_key import SecurityKey
from tests.support.timing import set_timing
from tests.support.transport import FaultyTransport, not_reached, refuses

POLL = "GET /users/passkeys/handoff"


@dataclass
class Browser(ScriptedUI):
    """A user who opens each link and uses this key; or declines, without one."""

    key: SecurityKey | None = field(default_factory=SecurityKey)

    def __post_init__(self) -> None:
        super().__init__()

    async def show_link(
        self, link: BrowserLink, wait: Callable[[], Awaitable[HandoffProgress]]
    ) -> HandoffProgress | None:
        url = link.url.reveal()
        origin = url.partition("/handoff")[0]
        async with httpx.AsyncClient(base_url=origin) as http:
            page = Page(http, url, self.key or SecurityKey(), origin)
            assert (await page.open()).json()["code"] == link.code
            await page.answer(**(page.sign() if self.key else {}))
            return await wait()


@pytest.fixture(autouse=True)
def account_without_keys(saved: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_keys, "find_keys", list)
    set_timing(saved, handoff_poll=0.01)


async def test_passkey_is_added_and_steps_up(saved: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    assert await add_passkey(saved, browser)
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    assert await use_passkey(saved, browser, step_up=True)
    (passkey,) = await saved.get_passkeys()
    await saved.delete_passkey(passkey)


async def test_copied_key_is_not_accepted(saved: Account) -> None:
    browser = Browser()
    assert await add_passkey(saved, browser)
    assert browser.key is not None
    browser.key.sign_count = 0
    browser.key.counts = False
    await saved.sign_in_automatically()
    with pytest.raises(InvalidPasskeyError):
        await use_passkey(saved, browser)
    assert saved.is_user_missing_mfa_auth()


async def test_declined_link_adds_nothing(saved: Account) -> None:
    with pytest.raises(HandoffDeclinedError):
        await add_passkey(saved, Browser(key=None))
    assert await saved.get_passkeys() == ()


async def test_expired_link_adds_nothing(saved: Account, network: FaultyTransport) -> None:
    network.faults[POLL] = refuses(200, {"state": "expired"})
    with pytest.raises(HandoffExpiredError):
        await add_passkey(saved, Browser())
    assert await saved.get_passkeys() == ()


async def test_service_that_is_away_for_a_while_is_asked_again(saved: Account, network: FaultyTransport) -> None:
    async def once(request: httpx.Request, carry: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        del network.faults[POLL]
        return await not_reached(request, carry)

    network.faults[POLL] = once
    assert await add_passkey(saved, Browser())
    assert saved.state.stage is Stage.READY
    assert network.count(POLL) == 2
