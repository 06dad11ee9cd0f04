from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyotp
import pytest

from mfa_tui.server.service import ApiOptions, Service
from tests.support import security_key
from tests.support.caller import Caller, Clock
from tests.support.security_key import ORIGIN, SecurityKey


@pytest.fixture
async def newer(folder: Path, clock: Clock) -> AsyncIterator[Caller]:
    """A caller without a session, of a service with the API version 2026-04-01."""
    service = Service.open(folder, api=ApiOptions(requires_elevated_token=True), clock=clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
        yield Caller(http, service)
    service.close()


async def _check(caller: Caller, scope: str = "wallet:export") -> dict[str, object]:
    return dict((await caller.call("POST", "/stepUp/check", {"scope": scope})).json())


async def test_step_up_is_not_required_of_a_user_without_a_method(ada: Caller) -> None:
    user = (await ada.call("GET", "/users")).json()
    credential_id = user["verifiedCredentials"][0]["id"]
    email = {"id": credential_id, "format": "email", "alias": "ada@example.org"}
    assert await _check(ada) == {"isRequired": False, "credentials": [email], "defaultCredentialId": credential_id}


async def test_the_check_lists_the_methods_that_can_step_up(ada: Caller, clock: Clock) -> None:
    registration = (await ada.call("GET", "/users/mfa/register/totp")).json()
    totp = {"id": registration["id"], "format": "totp", "type": "totp"}
    assert (await _check(ada))["isRequired"] is False
    code = pyotp.TOTP(registration["secret"]).at(int(clock.now))
    assert (await ada.use_totp(code)).status_code == 200
    body = security_key.create(SecurityKey(), (await ada.call("GET", "/users/passkeys/register", origin=ORIGIN)).json())
    assert (await ada.call("POST", "/users/passkeys/register", body)).status_code == 200
    (passkey,) = (await ada.call("GET", "/users/passkeys")).json()["passkeys"]
    listed = {"id": passkey["id"], "format": "passkey", "type": "passkey"}
    assert await _check(ada) == {
        "isRequired": True,
        "credentials": [totp, listed],
        "defaultCredentialId": registration["id"],
    }


@pytest.mark.parametrize("scope", ["wallet:unknown", "wallet", "", "credential:link credential:unlink"])
async def test_an_unknown_scope_is_refused_and_uses_up_no_code(ada: Caller, scope: str) -> None:
    assert (await ada.call("POST", "/stepUp/check", {"scope": scope})).status_code == 400
    codes = await ada.codes()
    response = await ada.use(codes[0], requestedScopes=["credential:link", scope])
    assert (response.status_code, response.json()["code"]) == (422, "mfa_invalid_request")
    assert await ada.codes() == codes


async def test_the_newer_version_requires_a_token_to_add_and_delete_methods(newer: Caller, clock: Clock) -> None:
    ada = await newer.sign_in()
    assert (await ada.call("GET", "/users/mfa/register/totp")).status_code == 403
    options = (await ada.call("GET", "/users/passkeys/register", origin=ORIGIN)).json()
    body = security_key.create(SecurityKey(), options)
    assert (await ada.call("POST", "/users/passkeys/register", body)).status_code == 403
    verification_id = await ada.ask_for_code()
    sign_in = {"verificationUUID": verification_id, "verificationToken": ada.mailed_code(verification_id)}
    response = await ada.call("POST", "/emailVerifications/verify", {**sign_in, "requestedScopes": ["credential:link"]})
    link = response.json()["elevatedAccessToken"]
    headers = {"x_dyn_elevated_access_token": link}
    assert (await ada.call("POST", "/users/passkeys/register", body, **headers)).status_code == 200
    registration = (await ada.call("GET", "/users/mfa/register/totp", **headers)).json()
    totp = pyotp.TOTP(registration["secret"])
    body = {"createMfaToken": {"singleUse": False}, "requestedScopes": ["credential:unlink"]}
    tokens = (await ada.use_totp(totp.at(int(clock.now)), **body)).json()
    path = f"/users/mfa/{registration['id']}"
    assert (await ada.call("DELETE", path, x_mfa_auth_token=tokens["mfaToken"])).status_code == 403
    unlink = {"x_dyn_elevated_access_token": tokens["elevatedAccessToken"]}
    assert (await ada.call("DELETE", path, **unlink)).status_code == 200


async def test_email_completes_no_challenge(ada: Caller) -> None:
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    for caller, status in ((pending, 403), (ada, 200)):
        verification_id = await ada.ask_for_code()
        code = {"verificationUUID": verification_id, "verificationToken": ada.mailed_code(verification_id)}
        response = await caller.call("POST", "/users/mfa/auth/email", {**code, "requestedScopes": ["wallet:sign"]})
        assert response.status_code == status
    assert response.json()["elevatedAccessToken"] is None


async def test_confirming_codes_again_proves_no_factor(ada: Caller, clock: Clock) -> None:
    await ada.codes()
    await ada.acknowledge()
    clock.tick(3600)
    assert (await ada.call("DELETE", "/users")).status_code == 403
    await ada.codes()
    await ada.acknowledge()
    assert (await ada.call("DELETE", "/users")).status_code == 403


async def test_confirming_new_codes_proves_no_factor(ada: Caller, clock: Clock) -> None:
    code, *_ = await ada.codes()
    await ada.acknowledge()
    session = await ada.sign_in()
    used = await session.use(code)
    proved = Caller(ada.http, ada.service, used.json()["minifiedJwt"])
    clock.tick(3600)
    await proved.rotate()
    await proved.acknowledge()
    assert (await proved.call("DELETE", "/users")).status_code == 403
