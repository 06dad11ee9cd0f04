"""Passkeys, created and used by a security key in software through the real `Fido2Client`."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from mfa_tui.server import passkey_registry, passkeys, webauthn
from mfa_tui.server.service import ApiOptions, Service
from tests.support import security_key
from tests.support.caller import Caller, Clock
from tests.support.security_key import ORIGIN, SecurityKey

REGISTER = "/users/passkeys/register"
AUTHENTICATE = "/users/passkeys/authenticate"
SIGN_IN = "/users/passkeys/signin"
SUBMITTED = {REGISTER: REGISTER, AUTHENTICATE: "/users/mfa/auth/passkey", SIGN_IN: SIGN_IN}


@dataclass
class Browser:
    """A page in a browser, with a security key."""

    caller: Caller
    key: SecurityKey = field(default_factory=SecurityKey)
    origin: str = ORIGIN

    async def options(self, path: str, query: str = "") -> dict[str, Any]:
        response = await self.caller.call("GET", path + query, origin=self.origin)
        assert response.status_code == 200
        return dict(response.json())

    def sign(self, path: str, options: dict[str, Any]) -> dict[str, Any]:
        ceremony = security_key.create if path == REGISTER else security_key.use
        return ceremony(self.key, options, self.origin)

    async def send(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.caller.call("POST", SUBMITTED[path], body, origin=self.origin, **headers)

    async def run(self, path: str, **fields: object) -> httpx.Response:
        """Run a whole ceremony."""
        return await self.send(path, {**self.sign(path, await self.options(path)), **fields})

    async def passkeys(self) -> list[dict[str, Any]]:
        return list((await self.caller.call("GET", "/users/passkeys")).json()["passkeys"])


@pytest.fixture
async def browser(ada: Caller) -> Browser:
    """A page of a user with a passkey."""
    browser = Browser(ada)
    assert (await browser.run(REGISTER)).status_code == 200
    return browser


def _of(browser: Browser, caller: Caller) -> Browser:
    return replace(browser, caller=caller)


async def test_registering_a_passkey_authenticates_and_asks_to_save_codes(ada: Caller) -> None:
    response = await Browser(ada).run(REGISTER, createMfaToken={"singleUse": True})
    user = response.json()["user"]
    assert (user["scope"], user["mfaBackupCodeAcknowledgement"]) == ("user:basic", "pending")
    assert response.json()["mfaToken"]
    (passkey,) = await Browser(ada).passkeys()
    assert {"id": passkey["id"], "format": "passkey", "signInEnabled": True} in user["verifiedCredentials"]
    assert passkey["origin"] == ORIGIN
    assert not {"alias", "updatedAt"} & set(passkey)
    methods = (await ada.call("GET", "/users/mfa/methods?verifiedOnly=true")).json()
    assert methods == {"devices": [], "passkeys": [passkey], "userHasVerifiedMfaMethods": True}
    assert (await ada.call("GET", "/users/mfa")).json()["count"] == 0


async def test_confirmed_codes_stay_confirmed_if_a_passkey_is_added(ada: Caller) -> None:
    await ada.codes()
    await ada.acknowledge()
    assert (await Browser(ada).run(REGISTER)).json()["user"]["mfaBackupCodeAcknowledgement"] == "complete"


async def test_a_passkey_completes_the_challenge_of_a_sign_in(browser: Browser) -> None:
    pending = await browser.caller.sign_in()
    assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403
    response = await _of(browser, pending).run(AUTHENTICATE, requestedScopes=["credential:unlink"])
    assert response.json()["user"]["scope"] == "user:basic"
    assert response.json()["elevatedAccessToken"]
    passed = replace(pending, token=response.json()["minifiedJwt"])
    assert (await passed.call("GET", "/users/mfa/recovery")).status_code == 200
    assert (await browser.passkeys())[0]["updatedAt"]


async def test_signing_in_with_a_passkey_needs_no_mail_and_no_challenge(browser: Browser, anyone: Caller) -> None:
    options = await _of(browser, anyone).options(SIGN_IN)
    assert "allowCredentials" not in options
    response = await _of(browser, anyone).run(SIGN_IN)
    assert response.json()["user"]["scope"] == "user:basic"
    assert response.json()["user"]["newUser"] is False
    assert response.json()["user"]["email"] == "ada@example.org"


async def test_options_list_the_users_passkeys(browser: Browser, anyone: Caller) -> None:
    (passkey,) = await browser.passkeys()
    assert [listed["id"] for listed in (await browser.options(REGISTER))["excludeCredentials"]] == [
        passkey["credentialId"]
    ]
    allowed = (await browser.options(AUTHENTICATE))["allowCredentials"]
    assert [listed["id"] for listed in allowed] == [passkey["credentialId"]]
    bob = await anyone.sign_in("bob@example.org")
    assert (await Browser(bob).options(AUTHENTICATE))["allowCredentials"] == []


@pytest.mark.parametrize("spelling", ["clientDataJSON", "clientDataJson"])
@pytest.mark.parametrize("path", [REGISTER, AUTHENTICATE, SIGN_IN])
async def test_client_data_is_accepted_in_both_spellings(
    browser: Browser, anyone: Caller, path: str, spelling: str
) -> None:
    page = _of(browser, anyone) if path == SIGN_IN else browser
    body = page.sign(path, await page.options(path)) if path != REGISTER else None
    if body is None:
        page = replace(page, key=SecurityKey())
        body = page.sign(path, await page.options(path))
    response = dict(body["response"])
    response[spelling] = response.pop("clientDataJSON")
    assert (await page.send(path, {**body, "response": response, "unknown": 1})).status_code == 200


def _changed_client_data(body: dict[str, Any], **changes: str) -> dict[str, Any]:
    response = dict(body["response"])
    client_data = json.loads(urlsafe_b64decode(response["clientDataJSON"] + "=="))
    changed = json.dumps({**client_data, **changes}).encode()
    response["clientDataJSON"] = urlsafe_b64encode(changed).decode().rstrip("=")
    return {**body, "response": response}


@pytest.mark.parametrize("path", [REGISTER, AUTHENTICATE, SIGN_IN])
@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://localhost:4000"},
        {"origin": "https://evil.example"},
        {"type": "webauthn.other"},
        {"challenge": "unknown"},
    ],
)
async def test_wrong_client_data_is_refused_and_changes_nothing(
    browser: Browser, anyone: Caller, path: str, change: dict[str, str]
) -> None:
    page = _of(browser, anyone) if path == SIGN_IN else browser
    page = replace(page, key=SecurityKey()) if path == REGISTER else page
    before = await browser.passkeys()
    body = page.sign(path, await page.options(path))
    assert (await page.send(path, _changed_client_data(body, **change))).status_code == 400
    assert await browser.passkeys() == before
    # The challenge is used up, unless it was never named.
    assert (await page.send(path, body)).status_code == (200 if "challenge" in change else 400)


@pytest.mark.parametrize("path", [REGISTER, AUTHENTICATE, SIGN_IN])
async def test_a_challenge_is_accepted_once(browser: Browser, anyone: Caller, path: str) -> None:
    page = _of(browser, anyone) if path == SIGN_IN else browser
    page = replace(page, key=SecurityKey()) if path == REGISTER else page
    body = page.sign(path, await page.options(path))
    responses = await asyncio.gather(*(page.send(path, body) for _ in range(4)))
    assert sorted(response.status_code for response in responses) == [200, 400, 400, 400]


async def test_a_challenge_expires_after_five_minutes(browser: Browser, clock: Clock) -> None:
    for seconds, status in ((299, 200), (300, 400)):
        body = browser.sign(AUTHENTICATE, await browser.options(AUTHENTICATE))
        clock.tick(seconds)
        assert (await browser.send(AUTHENTICATE, body)).status_code == status


async def test_a_challenge_of_another_session_or_ceremony_is_refused(browser: Browser, anyone: Caller) -> None:
    other = _of(browser, await anyone.sign_in())
    body = browser.sign(AUTHENTICATE, await browser.options(AUTHENTICATE))
    assert (await other.send(AUTHENTICATE, body)).status_code == 400
    body = browser.sign(SIGN_IN, await browser.options(SIGN_IN))
    assert (await browser.send(AUTHENTICATE, body)).status_code == 400


async def test_a_counter_that_does_not_grow_is_refused(browser: Browser) -> None:
    for before, status in ((9, 200), (9, 422), (3, 422), (10, 200)):
        browser.key.sign_count = before  # the key adds 1 before it signs
        response = await browser.run(AUTHENTICATE)
        assert response.status_code == status
        assert status == 200 or response.json()["code"] == "mfa_invalid_code"


async def test_an_authenticator_without_a_counter_is_accepted(ada: Caller) -> None:
    page = Browser(ada, SecurityKey(counts=False))
    for path in (REGISTER, AUTHENTICATE, AUTHENTICATE):
        assert (await page.run(path)).status_code == 200


async def test_a_passkey_of_another_user_is_refused(browser: Browser, anyone: Caller) -> None:
    bob = Browser(await anyone.sign_in("bob@example.org"))
    assert (await bob.run(REGISTER)).status_code == 200
    options = await bob.options(AUTHENTICATE)
    body = browser.sign(AUTHENTICATE, {**options, "allowCredentials": []})
    assert (await bob.send(AUTHENTICATE, body)).json()["code"] == "mfa_invalid_code"
    assert (await bob.send(AUTHENTICATE, body)).status_code == 400


async def test_a_wrong_user_handle_is_refused(browser: Browser, anyone: Caller) -> None:
    for path, page in ((AUTHENTICATE, browser), (SIGN_IN, _of(browser, anyone))):
        body = page.sign(path, await page.options(path))
        body["response"] = {**body["response"], "userHandle": "eA"}
        assert (await page.send(path, body)).json()["code"] == "mfa_invalid_code"
    body = page.sign(SIGN_IN, await page.options(SIGN_IN))
    body["response"] = {name: value for name, value in body["response"].items() if name != "userHandle"}
    assert (await page.send(SIGN_IN, body)).json()["code"] == "mfa_invalid_code"


async def test_a_changed_signature_is_refused(browser: Browser) -> None:
    body = browser.sign(AUTHENTICATE, await browser.options(AUTHENTICATE))
    body["response"] = {**body["response"], "signature": "MEUCIQ"}
    assert (await browser.send(AUTHENTICATE, body)).json()["code"] == "mfa_invalid_code"


async def test_an_unknown_passkey_is_refused(browser: Browser) -> None:
    body = browser.sign(AUTHENTICATE, await browser.options(AUTHENTICATE))
    assert (await browser.send(AUTHENTICATE, {**body, "id": "eA"})).json()["code"] == "mfa_invalid_code"


async def test_signing_in_requires_a_key_that_verifies_its_user(ada: Caller, anyone: Caller) -> None:
    key = SecurityKey(verifies_user=False)
    assert (await Browser(ada, key).run(REGISTER)).status_code == 200
    assert (await Browser(ada, key).run(AUTHENTICATE)).status_code == 200
    page = Browser(anyone, key)
    options = await page.options(SIGN_IN)
    body = page.sign(SIGN_IN, {**options, "userVerification": "discouraged"})
    assert (await page.send(SIGN_IN, body)).json()["code"] == "mfa_invalid_code"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"origin": "http://127.0.0.1:3000"}, "IP address"),
        ({"origin": "https://[::1]:3000"}, "IP address"),
        ({"host": "192.0.2.1"}, "IP address"),
        ({"origin": "https://app.example"}, "--origin"),
        ({"origin": "http://localhost.evil.example"}, "--origin"),
        ({"origin": "null"}, "--origin"),
        ({"referer": "http://localhost@evil.example/"}, "--origin"),
    ],
)
async def test_a_page_at_another_origin_gets_no_options(ada: Caller, headers: dict[str, str], text: str) -> None:
    for path in (REGISTER, AUTHENTICATE, SIGN_IN):
        response = await ada.call("GET", path, **headers)
        assert response.status_code == 400
        assert text in response.json()["error"]


async def _with_origins(folder: Path, clock: Clock, use: Callable[[Caller], Any]) -> None:
    service = Service.open(folder, api=ApiOptions(origins=("https://app.example:8443", "https://example")), clock=clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
        await use(await Caller(http, service).sign_in())
    service.close()


async def test_an_origin_that_the_operator_names_is_allowed(folder: Path, clock: Clock) -> None:
    async def use(ada: Caller) -> None:
        for headers in (
            {"origin": "https://app.example:8443"},
            {"referer": "https://app.example:8443/page?x"},
            {"host": "app.example:8443"},
        ):
            response = await ada.call("GET", REGISTER, **headers)
            assert response.json()["rp"]["id"] == "app.example"
        page = Browser(ada, origin="https://app.example:8443")
        assert (await page.run(REGISTER)).status_code == 200
        assert (await page.run(AUTHENTICATE)).status_code == 200
        assert (await ada.call("GET", REGISTER, origin="https://app.example")).status_code == 400

    await _with_origins(folder, clock, use)


async def test_a_related_id_is_a_parent_domain_or_a_known_host(folder: Path, clock: Clock) -> None:
    async def use(ada: Caller) -> None:
        for related, origin, status in (
            ("app.example", "https://app.example:8443", 200),
            ("example", "https://app.example:8443", 200),
            ("app.example", "https://example", 200),
            ("other.example", "https://app.example:8443", 400),
            ("pp.example", "https://app.example:8443", 400),
        ):
            for path in (AUTHENTICATE, SIGN_IN):
                response = await ada.call("GET", f"{path}?relatedOriginRpId={related}", origin=origin)
                assert response.status_code == status
                assert status == 400 or response.json()["rpId"] == related

    await _with_origins(folder, clock, use)


async def test_a_pending_session_cannot_manage_passkeys(browser: Browser) -> None:
    pending = await browser.caller.sign_in()
    (passkey,) = await browser.passkeys()
    for method, path, body in (
        ("GET", REGISTER, None),
        ("PUT", "/users/passkeys", {"id": passkey["id"], "alias": "key"}),
        ("DELETE", "/users/passkeys", {"passkeyId": passkey["id"]}),
    ):
        response = await pending.call(method, path, body, origin=ORIGIN)
        assert response.json()["code"] == "requires_additional_auth"


async def test_a_pending_session_without_a_factor_can_register_a_passkey(ada: Caller) -> None:
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    await ada.rotate()
    assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403
    assert (await Browser(pending).run(REGISTER)).json()["user"]["scope"] == "user:basic"


async def test_a_passkey_can_be_renamed(browser: Browser) -> None:
    (passkey,) = await browser.passkeys()
    for body, alias in (({"alias": "Blue key"}, "Blue key"), ({}, None)):
        response = await browser.caller.call("PUT", "/users/passkeys", {"id": passkey["id"], **body})
        assert response.json().get("alias") == alias
        assert (await browser.passkeys())[0].get("alias") == alias


async def test_deleting_a_passkey_requires_step_up(browser: Browser, clock: Clock) -> None:
    clock.tick(600)
    (passkey,) = await browser.passkeys()
    body = {"passkeyId": passkey["id"]}
    response = await browser.caller.call("DELETE", "/users/passkeys", body, x_mfa_auth_token="")
    assert response.json() == {"error": "Elevated access token required"}
    token = (await browser.run(AUTHENTICATE, createMfaToken={"singleUse": True})).json()["mfaToken"]
    response = await browser.caller.call("DELETE", "/users/passkeys", body, x_mfa_auth_token=token)
    assert (response.status_code, response.content) == (200, b"")
    assert await browser.passkeys() == []


async def test_an_unknown_or_foreign_passkey_is_not_found(browser: Browser, anyone: Caller) -> None:
    (passkey,) = await browser.passkeys()
    bob = await anyone.sign_in("bob@example.org")
    for caller, passkey_id in ((browser.caller, "unknown"), (bob, passkey["id"])):
        for method, body in (("DELETE", {"passkeyId": passkey_id}), ("PUT", {"id": passkey_id})):
            response = await caller.call(method, "/users/passkeys", body)
            assert (response.status_code, response.json()["code"]) == (422, "mfa_device_not_found")


@pytest.mark.parametrize("credential_id", [b"same", bytes(1024)])
async def test_a_used_or_long_credential_id_is_refused(ada: Caller, anyone: Caller, credential_id: bytes) -> None:
    bob = await anyone.sign_in("bob@example.org")
    statuses = [
        (await Browser(user, SecurityKey(credential_id=credential_id)).run(REGISTER)).status_code for user in (ada, bob)
    ]
    assert statuses == ([200, 400] if credential_id == b"same" else [400, 400])
    assert await Browser(bob).passkeys() == []


async def test_an_algorithm_that_was_not_offered_is_refused(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    body = Browser(ada).sign(REGISTER, await Browser(ada).options(REGISTER))
    monkeypatch.setattr(webauthn, "ALGORITHMS", (-257,))
    assert (await Browser(ada).send(REGISTER, body)).status_code == 400
    assert await Browser(ada).passkeys() == []


@pytest.mark.parametrize("attestation", ["AA", "oA", "n5-fn5-fn5-fn5-f", "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUEA"])
async def test_a_malformed_attestation_is_refused(ada: Caller, attestation: str) -> None:
    page = Browser(ada)
    body = page.sign(REGISTER, await page.options(REGISTER))
    body["response"] = {**body["response"], "attestationObject": attestation}
    assert (await page.send(REGISTER, body)).status_code == 400
    assert await page.passkeys() == []


@pytest.mark.parametrize("client_data", ["e30", "AA", "W10"])
async def test_malformed_client_data_is_refused(browser: Browser, client_data: str) -> None:
    body = browser.sign(AUTHENTICATE, await browser.options(AUTHENTICATE))
    body["response"] = {**body["response"], "clientDataJSON": client_data}
    assert (await browser.send(AUTHENTICATE, body)).status_code == 400


async def test_a_user_has_at_most_twenty_passkeys(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkey_registry, "MAX_PASSKEYS", 1)
    response = await browser.caller.call("GET", REGISTER, origin=ORIGIN)
    assert (response.status_code, response.json()["error"]) == (400, "You have 1 passkeys. Delete one first.")


async def test_without_the_library_passkeys_are_not_offered(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "are_available", lambda: False)
    settings = (await ada.call("GET", "/settings")).json()
    assert [method["type"] for method in settings["security"]["mfa"]["methods"]] == ["totp"]
    assert "passkey" not in [provider["provider"] for provider in settings["providers"]]
    for path in (REGISTER, AUTHENTICATE, SIGN_IN):
        response = await ada.call("GET", path, origin=ORIGIN)
        assert response.status_code == 501
        assert "pip install 'mfa-tui[passkey]'" in response.json()["error"]
