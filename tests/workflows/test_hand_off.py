"""Passkeys by a hand-off: the program's own listener, and a page that answers over a real connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace

import httpx
import pytest

from mfa_tui import connection
from mfa_tui.account import passkeys
from mfa_tui.account.account import Account
from mfa_tui.account.errors import HandoffDeclinedError, HandoffExpiredError
from mfa_tui.account.state import Stage
from mfa_tui.client.errors import InvalidPasskeyError, NotSentError
from mfa_tui.protocol.handoffs import Handoff, HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.server import step_up
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal import security_keys
from mfa_tui.workflows.passkeys import add_passkey, use_passkey
from mfa_tui.workflows.ui import BrowserLink
from tests.support.handoff_page import Page
from tests.support.scripted_ui import ScriptedUI
from tests.support.security_key import SecurityKey
from tests.support.timing import set_timing
from tests.support.transport import FaultyTransport, changes, not_reached, refuses

OPEN = True

POLL = "GET /users/passkeys/handoff"

Wait = Callable[[], Awaitable[HandoffProgress]]


async def answer(url: Secret, code: str, key: SecurityKey | None) -> None:
    """Open a link and answer with this key; or decline, without one."""
    origin = url.reveal().partition("/handoff")[0]
    async with httpx.AsyncClient(base_url=origin) as http:
        page = Page(http, url.reveal(), key or SecurityKey(), origin)
        assert (await page.open()).json()["code"] == code
        await page.answer(**(page.sign() if key else {}))


@dataclass
class Browser(ScriptedUI):
    """A user who opens each link and uses this key; or declines, without one."""

    key: SecurityKey | None = field(default_factory=SecurityKey)

    def __post_init__(self) -> None:
        super().__init__()

    async def show_link(self, link: BrowserLink, wait: Wait) -> HandoffProgress | None:
        await answer(link.url, link.code, self.key)
        return await wait()


@pytest.fixture(autouse=True)
def account_without_keys(saved: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_keys, "find_keys", list)
    set_timing(saved, handoff_poll=0.01)


@pytest.fixture
async def other(saved: Account, places: AppPaths) -> AsyncIterator[Account]:
    """Another program with the same stored session."""
    async with connection.open_account(places, timing=saved._timing) as opened:
        await opened.resume_session()
        yield opened


async def test_passkey_is_added_and_steps_up(saved: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    assert await add_passkey(saved, browser)
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    assert await use_passkey(saved, browser, step_up=True)
    (passkey,) = await saved.get_passkeys()
    await saved.delete_passkey(passkey)


async def test_step_up_comes_before_the_browser_makes_a_passkey(
    saved: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved.state.codes
    browser = Browser()
    browser.answers = [saved.state.codes.recovery_codes[0].reveal()]
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    assert await add_passkey(saved, browser)
    assert browser.key is not None
    assert len(browser.key.credentials) == len(await saved.get_passkeys()) == 1


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


async def test_link_that_nobody_opens_expires_after_its_seconds(saved: Account, network: FaultyTransport) -> None:
    network.faults["POST /users/passkeys/handoff"] = changes(lambda handoff: handoff | {"seconds": 0})
    with pytest.raises(HandoffExpiredError):
        await add_passkey(saved, ScriptedUI(OPEN))
    assert network.count(POLL) == 0


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


async def test_service_that_stays_away_is_named(
    saved: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = count()
    monkeypatch.setattr(passkeys, "time", SimpleNamespace(monotonic=lambda: 60 * next(minutes)))
    network.faults[POLL] = not_reached
    with pytest.raises(NotSentError, match="could not be reached"):
        await add_passkey(saved, ScriptedUI(OPEN))
    assert network.count(POLL) == 1


async def test_answer_to_another_programs_link_is_not_sent(saved: Account, other: Account) -> None:
    async def show_older(_older: Handoff, wait_for_older: Wait) -> HandoffProgress | None:
        async def show_newer(newer: Handoff, wait_for_newer: Wait) -> HandoffProgress | None:
            await answer(newer.url, newer.code, SecurityKey())
            with pytest.raises(HandoffExpiredError):
                await wait_for_older()
            return await wait_for_newer()

        assert await other.hand_off("register", show_newer)
        return await wait_for_older()

    with pytest.raises(HandoffExpiredError):
        await saved.hand_off("register", show_older)
    assert len(await saved.get_passkeys()) == 1


async def test_going_back_leaves_another_programs_link_usable(saved: Account, other: Account) -> None:
    older_is_shown, newer_is_shown = asyncio.Event(), asyncio.Event()

    async def show_older(_older: Handoff, _wait: Wait) -> None:
        older_is_shown.set()
        await newer_is_shown.wait()

    async def show_newer(newer: Handoff, wait: Wait) -> HandoffProgress | None:
        newer_is_shown.set()
        assert not await older
        await answer(newer.url, newer.code, SecurityKey())
        return await wait()

    older = asyncio.create_task(saved.hand_off("register", show_older))
    await older_is_shown.wait()
    assert await other.hand_off("register", show_newer)
    assert len(await saved.get_passkeys()) == 1
