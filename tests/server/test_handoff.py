"""Hand-offs: a page creates or uses a passkey for a terminal, with a security key in software."""

from typing import Any

import httpx
import pytest

from mfa_tui.server.handoff import pages
from mfa_tui.server.service import Service
from tests.support import security_key
from tests.support.caller import Caller, Clock, mails
from tests.support.handoff_page import ORIGIN, Page
from tests.support.security_key import SecurityKey

HANDOFF = "/users/passkeys/handoff"


async def start(caller: Caller, ceremony: str = "register", **headers: str) -> Page:
    body = {"ceremony": ceremony, "terminal": "ada@laptop"}
    response = await caller.call("POST", HANDOFF, body, **{"host": "127.0.0.1:8000", **headers})
    assert response.status_code == 200
    assert len(response.json()["code"]) == 4
    return Page(caller.http, response.json()["url"], handoff_id=response.json()["id"])


async def progress(caller: Caller, page: Page) -> dict[str, Any]:
    return dict((await caller.call("GET", f"{HANDOFF}?handoffId={page.handoff_id}")).json())


async def end(caller: Caller, page: Page, outcome: str) -> None:
    response = await caller.call("PUT", HANDOFF, {"handoffId": page.handoff_id, "outcome": outcome})
    assert response.status_code == 200


async def register(caller: Caller) -> SecurityKey:
    """Add a passkey by a hand-off, and return its key."""
    page = await start(caller)
    await page.open()
    await page.answer(**page.sign())
    created = (await progress(caller, page))["created"]
    assert (await caller.call("POST", "/users/passkeys/register", created)).status_code == 200
    return page.key


async def test_passkey_is_registered_and_used_by_hand_off(ada: Caller) -> None:
    key = await register(ada)
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    page = await start(pending, "authenticate")
    page.key = key
    opened = (await page.open()).json()
    assert (opened["email"], opened["terminal"], opened["seconds"]) == ("ada@example.org", "ada@laptop", 120)
    assert not [name for name in opened if "oken" in name]
    assert (await progress(pending, page))["state"] == "opened"
    assert (await page.answer(**page.sign())).json() == {"state": "answered"}
    used = (await progress(pending, page))["used"]
    response = await pending.call("POST", "/users/mfa/auth/passkey", used)
    assert response.json()["user"]["scope"] == "user:basic"
    pending.token = response.json()["minifiedJwt"]
    await end(pending, page, "accepted")
    assert await page.state("answered") == "accepted"


async def test_second_opening_is_refused_and_ends_the_hand_off(ada: Caller) -> None:
    page = await start(ada)
    assert (await page.open()).status_code == 200
    second = await Page(ada.http, page.url).open()
    assert (second.status_code, "works once" in second.json()["error"]) == (409, True)
    assert await progress(ada, page) == {"state": "reopened"}
    await end(ada, page, "abandoned")
    assert await page.state("opened") == "reopened"
    assert (await page.answer(**page.sign())).status_code == 409
    assert "created" not in await progress(ada, page)


async def test_opening_after_the_answer_changes_nothing(ada: Caller) -> None:
    page = await start(ada)
    await page.open()
    await page.answer(**page.sign())
    assert (await Page(ada.http, page.url).open()).status_code == 409
    assert "created" in await progress(ada, page)


@pytest.mark.parametrize("seconds", [119, 120])
async def test_link_expires_after_two_minutes(ada: Caller, clock: Clock, seconds: int) -> None:
    page = await start(ada)
    clock.tick(seconds)
    response = await page.open()
    assert response.status_code == (200 if seconds < 120 else 404)
    assert seconds < 120 or "has expired" in response.json()["error"]
    assert (await progress(ada, page))["state"] == ("opened" if seconds < 120 else "expired")


async def test_newer_link_replaces_an_older_one(ada: Caller) -> None:
    older, newer = await start(ada), await start(ada)
    assert (await older.open()).status_code == 404
    assert (await newer.open()).status_code == 200


async def test_answer_to_a_newer_link_is_not_of_the_older_one(ada: Caller) -> None:
    older, newer = await start(ada), await start(ada)
    await newer.open()
    await newer.answer(**newer.sign())
    assert await progress(ada, older) == {"state": "expired"}
    assert "created" in await progress(ada, newer)


@pytest.mark.parametrize("outcome", ["accepted", "refused", "abandoned"])
async def test_end_of_a_replaced_hand_off_changes_nothing(ada: Caller, outcome: str) -> None:
    older, newer = await start(ada), await start(ada)
    await newer.open()
    await newer.answer(**newer.sign())
    await end(ada, older, outcome)
    assert await newer.state("opened") == "answered"
    assert "created" in await progress(ada, newer)


@pytest.mark.parametrize("handoff_id", ["", "unknown", "A" * 64])
async def test_unknown_hand_off_is_expired_and_not_ended(ada: Caller, handoff_id: str) -> None:
    page = await start(ada)
    unknown = Page(ada.http, page.url, handoff_id=handoff_id)
    assert await progress(ada, unknown) == {"state": "expired"}
    await end(ada, unknown, "abandoned")
    assert (await progress(ada, page))["state"] == "waiting"


async def test_other_session_neither_reads_nor_ends_a_hand_off(ada: Caller) -> None:
    page = await start(ada)
    other = await ada.sign_in()
    await start(other)
    assert await progress(other, page) == {"state": "expired"}
    await end(other, page, "abandoned")
    assert (await progress(ada, page))["state"] == "waiting"


async def test_id_of_a_hand_off_does_not_open_its_link(ada: Caller) -> None:
    page = await start(ada)
    assert (await Page(ada.http, f"#{page.handoff_id}").open()).status_code == 404


async def test_page_answers_once(ada: Caller) -> None:
    page = await start(ada)
    await page.open()
    signed = page.sign()
    assert (await page.answer(**signed)).status_code == 200
    assert (await page.answer(**signed)).status_code == 409
    assert (await page.answer()).status_code == 409
    assert (await progress(ada, page))["state"] == "answered"


async def test_other_browser_cannot_answer(ada: Caller) -> None:
    page = await start(ada)
    await page.open()
    other = Page(ada.http, page.url, opened={**page.opened, "key": "A" * 22})
    assert (await other.answer(**page.sign())).status_code == 409
    assert (await progress(ada, page))["state"] == "opened"


async def test_response_of_the_other_ceremony_is_refused(ada: Caller) -> None:
    key = await register(ada)
    page = await start(ada)
    await page.open()
    options = (await ada.call("GET", "/users/passkeys/authenticate", origin=ORIGIN)).json()
    assert (await page.answer(used=security_key.use(key, options, ORIGIN))).status_code == 409


async def test_declined_hand_off_gives_nothing(ada: Caller) -> None:
    page = await start(ada)
    await page.open()
    assert (await page.answer()).json() == {"state": "declined"}
    assert await progress(ada, page) == {"state": "declined", "userAgent": f"python-httpx/{httpx.__version__}"}
    await end(ada, page, "abandoned")
    assert await page.state("opened") == "declined"


async def test_page_hears_that_the_terminal_has_gone(ada: Caller) -> None:
    page = await start(ada)
    await page.open()
    await end(ada, page, "abandoned")
    assert await page.state("opened") == "abandoned"
    page = await start(ada)
    await page.open()
    await ada.call("POST", "/revoke")
    assert await page.state("opened") == "expired"


async def test_page_waits_for_a_change(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FOLLOW_SECONDS", 0.01)
    monkeypatch.setattr(pages, "FOLLOW_INTERVAL", 0.02)
    page = await start(ada)
    await page.open()
    assert await page.state("opened") == "opened"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "https://evil.test", "http://localhost:8001", ""])
async def test_page_at_another_origin_does_not_open_the_link(ada: Caller, origin: str) -> None:
    page = await start(ada)
    page.origin = origin
    response = await page.open()
    assert (response.status_code, "http://localhost:8000" in response.json()["error"]) == (400, True)
    page.origin = ORIGIN
    assert (await page.open()).status_code == 200


async def test_form_of_another_page_is_refused(ada: Caller) -> None:
    page = await start(ada)
    response = await ada.http.post("/handoff/open", content=b"{}", headers={"content-type": "text/plain"})
    assert response.status_code == 400
    assert (await page.open()).status_code == 200


async def test_response_for_another_session_is_refused(ada: Caller) -> None:
    key = await register(ada)
    page = await start(ada, "authenticate")
    page.key = key
    await page.open()
    await page.answer(**page.sign())
    other = await ada.sign_in()
    assert (await progress(other, page))["state"] == "expired"
    used = (await progress(ada, page))["used"]
    assert (await other.call("POST", "/users/mfa/auth/passkey", used)).status_code == 400


async def test_hand_off_needs_a_passkey_of_its_domain(ada: Caller) -> None:
    body = {"ceremony": "authenticate", "terminal": "ada@laptop"}
    response = await ada.call("POST", HANDOFF, body, host="127.0.0.1:8000")
    assert (response.status_code, response.json()["error"]) == (400, "You have no passkey that works at localhost.")


async def test_hand_off_at_a_name_needs_an_origin(ada: Caller) -> None:
    body = {"ceremony": "register", "terminal": "ada@laptop"}
    response = await ada.call("POST", HANDOFF, body, host="mfa.example.org")
    assert (response.status_code, "--origin" in response.json()["error"]) == (400, True)


async def test_each_hand_off_sends_a_notice(ada: Caller, service: Service) -> None:
    await start(ada)
    (notice,) = [mail for mail in mails(service) if mail["Subject"] == "A terminal asks for a passkey"]
    assert "It says that it is: ada@laptop" in notice.get_payload()


@pytest.mark.parametrize("path", ["", "/page.js", "/open"])
async def test_page_has_its_headers_and_none_for_other_origins(ada: Caller, path: str) -> None:
    response = await ada.http.get(f"/handoff{path}")
    assert response.status_code == (405 if path == "/open" else 200)
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none';"
        " base-uri 'none'; form-action 'none'"
    )
    expected = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-frame-options": "DENY"}
    assert expected.items() <= dict(response.headers).items()
    assert not [name for name in response.headers if name.startswith("access-control-")]
