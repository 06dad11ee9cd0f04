import asyncio
from base64 import urlsafe_b64decode
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mfa_tui.server.service import Service
from mfa_tui.server.sessions import SESSION_SECONDS
from tests.support.caller import Caller, Clock, mails

DAY = 24 * 3600


async def _key(caller: Caller) -> dict[str, str]:
    return dict((await caller.call("GET", "/.well-known/jwks")).json()["keys"][0])


async def test_pyjwt_reads_a_token_with_the_published_key(ada: Caller, clock: Clock) -> None:
    key = await _key(ada)
    claims = jwt.decode(
        ada.token,
        jwt.PyJWK(key),
        algorithms=["RS256"],
        audience=ada.service.environment_id,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    user = (await ada.call("GET", "/users")).json()
    assert claims["sub"] == user["id"]
    assert claims["sid"] == user["sessionId"]
    assert claims["environment_id"] == ada.service.environment_id
    assert claims["scope"] == "user:basic"
    assert claims["exp"] == clock.now + SESSION_SECONDS
    assert jwt.get_unverified_header(ada.token)["kid"] == key["kid"]


async def test_a_forged_token_is_refused(ada: Caller) -> None:
    claims: dict[str, Any] = jwt.decode(ada.token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(ada.token)["kid"]
    head, payload, signature = ada.token.split(".")
    other_key = jwt.encode(claims, rsa.generate_private_key(65_537, 2048), "RS256", {"kid": kid})
    public = urlsafe_b64decode((await _key(ada))["n"] + "==")
    forged = {
        "another key": other_key,
        "algorithm none": jwt.encode(claims, "", "none", {"kid": kid}),
        "HMAC with the public key": jwt.encode(claims, public, "HS256", {"kid": kid}),
        "no signature": f"{head}.{payload}.",
        "a cut signature": f"{head}.{payload}.{signature[:-4]}",
        "an empty signature of zeros": f"{head}.{payload}.{'A' * 342}",
        "another payload": f"{head}.{other_key.split('.')[1]}x.{signature}",
        "two parts": f"{head}.{payload}",
        "nothing": "",
        "endless": "a" * 100_000,
    }
    for what, token in forged.items():
        response = await ada.call("GET", "/users", authorization=f"Bearer {token}")
        assert response.status_code == 401, what
        assert set(response.json()) == {"error"}


async def test_a_request_without_a_token_is_refused(anyone: Caller) -> None:
    for authorization in ("", "Bearer", "Basic YTpi", "Bearer  "):
        response = await anyone.call("GET", "/users", authorization=authorization)
        assert response.status_code == 401


async def test_a_step_up_token_is_not_accepted_as_a_session_token(ada: Caller) -> None:
    response = await ada.use(
        (await ada.codes())[0], createMfaToken={"singleUse": False}, requestedScopes=["wallet:sign"]
    )
    for token in (response.json()["mfaToken"], response.json()["elevatedAccessToken"]):
        assert (await ada.call("GET", "/users", authorization=f"Bearer {token}")).status_code == 401


async def test_revoking_invalidates_all_tokens_of_the_session(ada: Caller) -> None:
    refreshed = (await ada.call("POST", "/refresh")).json()["minifiedJwt"]
    other = await ada.sign_in()
    response = await ada.call("POST", "/revoke")
    assert (response.status_code, response.content) == (204, b"")
    for token in (ada.token, refreshed):
        assert (await ada.call("GET", "/users", authorization=f"Bearer {token}")).status_code == 401
    assert (await other.call("GET", "/users")).status_code == 200


async def test_a_session_expires_unless_it_is_refreshed(ada: Caller, clock: Clock) -> None:
    clock.tick(SESSION_SECONDS - 1)
    response = await ada.call("POST", "/refresh")
    assert response.json()["expiresAt"] == clock.now + SESSION_SECONDS
    clock.tick(2)
    assert (await ada.call("GET", "/users")).status_code == 401
    refreshed = Caller(ada.http, ada.service, response.json()["minifiedJwt"])
    assert (await refreshed.call("GET", "/users")).status_code == 200
    clock.tick(SESSION_SECONDS)
    assert (await refreshed.call("GET", "/users")).status_code == 401


async def test_refreshing_does_not_complete_a_challenge(ada: Caller) -> None:
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    response = await pending.call("POST", "/refresh")
    assert response.json()["user"]["scope"] == "requiresAdditionalAuth"
    refreshed = Caller(ada.http, ada.service, response.json()["minifiedJwt"])
    assert (await refreshed.call("GET", "/users/mfa/recovery")).status_code == 403


async def test_the_token_from_before_the_challenge_stays_limited(ada: Caller) -> None:
    code = (await ada.codes())[0]
    await ada.acknowledge()
    pending = await ada.sign_in()
    assert (await pending.use(code)).status_code == 200
    assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/users"),
        ("POST", "/emailVerifications/verify"),
        ("PUT", "/users/mfa/x"),
        ("DELETE", "/users/mfa/x"),
    ],
)
async def test_a_pending_session_is_limited_to_the_challenge(ada: Caller, method: str, path: str) -> None:
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    bodies = {
        "PUT /users": {"mfaBackupCodeAcknowledgement": "pending"},
        "POST /emailVerifications/verify": {"verificationUUID": "0" * 36, "verificationToken": "123456"},
        "PUT /users/mfa/x": {"default": True},
    }
    response = await pending.call(method, path, bodies.get(f"{method} {path}"))
    assert (response.status_code, response.json()["code"]) == (403, "requires_additional_auth")


async def test_the_first_sign_in_creates_the_user(anyone: Caller) -> None:
    first = await anyone.sign_in("Ada@Example.org")
    second = await anyone.sign_in("ada@example.org")
    users = [(await caller.call("GET", "/users")).json() for caller in (first, second)]
    assert users[0]["id"] == users[1]["id"]
    assert users[0]["sessionId"] != users[1]["sessionId"]


async def test_concurrent_first_sign_ins_create_one_user(anyone: Caller) -> None:
    callers = await asyncio.gather(*(anyone.sign_in("new@example.org") for _ in range(6)))
    users = [(await caller.call("GET", "/users")).json()["id"] for caller in callers]
    assert len(set(users)) == 1


async def test_a_token_of_another_service_is_refused(ada: Caller, tmp_path: Path, clock: Clock) -> None:
    other = Service.open(tmp_path / "other", environment_id=ada.service.environment_id, clock=clock)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(other.app), base_url="http://other") as http:
            response = await Caller(http, other, ada.token).call("GET", "/users")
            assert response.status_code == 401
    finally:
        other.close()


def _with_token(caller: Caller, response: httpx.Response) -> Caller:
    return replace(caller, token=response.json()["minifiedJwt"])


async def test_a_session_ends_90_days_after_sign_in(ada: Caller, clock: Clock) -> None:
    start = clock.now
    for _ in range(5):
        clock.tick(17 * DAY)
        ada = _with_token(ada, await ada.call("POST", "/refresh"))
    assert (await ada.call("GET", "/users")).status_code == 200
    clock.tick(start + 90 * DAY - clock.now)
    assert (await ada.call("GET", "/users")).status_code == 401


async def test_a_refreshed_token_is_valid_for_a_minute(ada: Caller, clock: Clock) -> None:
    new = _with_token(ada, await ada.call("POST", "/refresh"))
    clock.tick(59)
    assert (await ada.call("GET", "/users")).status_code == 200
    again = _with_token(ada, await ada.call("POST", "/refresh"))
    clock.tick(3600)
    for valid in (new, again):
        assert (await valid.call("GET", "/users")).status_code == 200


async def test_a_retired_token_ends_the_session(ada: Caller, clock: Clock) -> None:
    new = _with_token(ada, await ada.call("POST", "/refresh"))
    clock.tick(60)
    assert (await ada.call("GET", "/users")).status_code == 401
    assert (await new.call("GET", "/users")).status_code == 401


async def test_a_token_from_two_refreshes_ago_ends_the_session(ada: Caller) -> None:
    new = ada
    for _ in range(2):
        new = _with_token(new, await new.call("POST", "/refresh"))
    assert (await ada.call("POST", "/refresh")).status_code == 401
    assert (await new.call("GET", "/users")).status_code == 401


async def test_a_session_without_a_factor_is_challenged_once_codes_are_confirmed(ada: Caller) -> None:
    other = await ada.sign_in()
    codes = await ada.codes()
    assert (await other.call("GET", "/users/mfa/recovery")).status_code == 200
    await ada.acknowledge()
    assert (await ada.call("GET", "/users/mfa/recovery")).status_code == 200
    assert (await other.call("GET", "/users")).json()["scope"] == "requiresAdditionalAuth"
    response = await other.call("GET", "/users/mfa/recovery")
    assert (response.status_code, response.json()["code"]) == (403, "requires_additional_auth")
    passed = _with_token(other, await other.use(codes[0]))
    assert len(await passed.codes()) == 9


async def test_confirmed_codes_cannot_become_unconfirmed(ada: Caller) -> None:
    await ada.codes()
    body = {"mfaBackupCodeAcknowledgement": "pending"}
    assert (await ada.call("PUT", "/users", body)).status_code == 200
    await ada.acknowledge()
    response = await ada.call("PUT", "/users", body)
    assert (response.status_code, response.json()["code"]) == (422, "mfa_invalid_request")
    assert (await ada.call("GET", "/users")).json()["mfaBackupCodeAcknowledgement"] == "complete"
    assert (await (await ada.sign_in()).call("GET", "/users/mfa/recovery")).status_code == 403


async def test_adding_an_authenticator_requires_step_up_if_a_factor_exists(ada: Caller, clock: Clock) -> None:
    path = "/users/mfa/register/totp"
    assert (await ada.call("GET", path)).status_code == 200
    (code, *_) = await ada.codes()
    await ada.acknowledge()
    clock.tick(599)
    assert (await ada.call("GET", path)).status_code == 200
    clock.tick(1)
    assert (await ada.call("GET", path)).json() == {"error": "Elevated access token required"}
    second = await ada.sign_in()
    assert (await second.call("GET", path)).status_code == 403
    second = _with_token(second, await second.use(code))
    assert (await second.call("GET", path)).status_code == 200


async def test_each_change_to_the_factors_and_each_sign_in_is_noticed_by_mail(ada: Caller, clock: Clock) -> None:
    uri = (await ada.call("GET", "/users/mfa/register/totp")).json()["uri"]
    app = pyotp.parse_uri(uri)
    assert isinstance(app, pyotp.TOTP)
    assert (await ada.use_totp(app.at(int(clock.now)))).status_code == 200
    (device,) = (await ada.call("GET", "/users/mfa")).json()["devices"]
    assert (await ada.call("DELETE", f"/users/mfa/{device['id']}")).status_code == 200
    await ada.rotate()
    await ada.acknowledge()
    second = await ada.sign_in()
    assert _notices(ada) == {
        "You signed in": 1,
        "You added an authenticator app": 1,
        "You removed an authenticator app": 1,
        "Your recovery codes were replaced": 1,
    }
    await second.use((await ada.codes())[0])
    assert _notices(ada)["You signed in"] == 2


def _notices(caller: Caller) -> Counter[str]:
    return Counter(mail["Subject"] for mail in mails(caller.service) if not mail["X-Verification-UUID"])
