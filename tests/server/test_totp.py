import asyncio
from dataclasses import dataclass, replace

import pyotp
import pytest

from tests.support import security_key
from tests.support.caller import Caller, Clock
from tests.support.security_key import ORIGIN, SecurityKey


@dataclass
class Authenticator:
    """A user's authenticator app, and the caller that registered it."""

    caller: Caller
    clock: Clock
    id: str
    app: pyotp.TOTP

    def code(self, steps: int = 0) -> str:
        return self.app.at(int(self.clock.now) + 30 * steps)

    def wrong_code(self) -> str:
        right = {self.code(steps) for steps in (-1, 0, 1)}
        return next(f"{number:06}" for number in range(10) if f"{number:06}" not in right)


async def _register(caller: Caller, clock: Clock) -> Authenticator:
    response = await caller.call("GET", "/users/mfa/register/totp")
    assert response.status_code == 200
    app = pyotp.parse_uri(response.json()["uri"])
    assert isinstance(app, pyotp.TOTP)
    assert app.secret == response.json()["secret"]
    return Authenticator(caller, clock, response.json()["id"], app)


@pytest.fixture
async def authenticator(ada: Caller, clock: Clock) -> Authenticator:
    """A verified authenticator app, at a time after the step of its first code."""
    authenticator = await _register(ada, clock)
    assert (await ada.use_totp(authenticator.code(), id=authenticator.id)).status_code == 200
    clock.tick(90)
    return authenticator


async def _code_of(caller: Caller, code: str, **fields: object) -> str | None:
    response = await caller.use_totp(code, **fields)
    return None if response.status_code == 200 else str(response.json()["code"])


async def test_the_first_code_confirms_a_registered_app(ada: Caller, clock: Clock) -> None:
    authenticator = await _register(ada, clock)
    (device,) = (await ada.call("GET", "/users/mfa")).json()["devices"]
    assert (device["id"], device["verified"], device["verifiedAt"]) == (authenticator.id, False, None)
    methods = (await ada.call("GET", "/users/mfa/methods?verifiedOnly=true")).json()
    assert (methods["devices"], methods["userHasVerifiedMfaMethods"]) == ([], False)
    response = await ada.call("POST", "/users/mfa/register/totp", {"type": "totp", "code": authenticator.code()})
    assert response.json()["verified"] is True
    assert response.json()["default"] is True
    methods = (await ada.call("GET", "/users/mfa/methods?verifiedOnly=true")).json()
    assert [device["id"] for device in methods["devices"]] == [authenticator.id]
    assert methods["userHasVerifiedMfaMethods"] is True


async def test_a_verified_app_completes_the_challenge_of_a_sign_in(authenticator: Authenticator) -> None:
    pending = await authenticator.caller.sign_in()
    assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403
    response = await pending.use_totp(authenticator.code())
    assert response.json()["user"]["scope"] == "user:basic"
    passed = replace(pending, token=response.json()["minifiedJwt"])
    assert (await passed.call("GET", "/users/mfa/recovery")).status_code == 200


async def test_an_unverified_app_cannot_complete_a_challenge_beside_a_passkey(ada: Caller, clock: Clock) -> None:
    options = (await ada.call("GET", "/users/passkeys/register", origin=ORIGIN)).json()
    body = security_key.create(SecurityKey(), options)
    assert (await ada.call("POST", "/users/passkeys/register", body)).status_code == 200
    authenticator = await _register(ada, clock)
    pending = await ada.sign_in()
    assert await _code_of(pending, authenticator.code()) == "mfa_device_not_found"
    assert await _code_of(pending, authenticator.code(), id=authenticator.id) == "mfa_device_not_found"


async def test_a_pending_session_cannot_register_a_second_method(authenticator: Authenticator) -> None:
    pending = await authenticator.caller.sign_in()
    for method, body in (("GET", None), ("POST", {"type": "totp", "code": "123456"})):
        response = await pending.call(method, "/users/mfa/register/totp", body)
        assert (response.status_code, response.json()["code"]) == (403, "requires_additional_auth")


async def test_a_pending_session_without_a_factor_can_register_an_app(ada: Caller, clock: Clock) -> None:
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    await ada.rotate()
    authenticator = await _register(pending, clock)
    body = {"type": "totp", "code": authenticator.code()}
    assert (await pending.call("POST", "/users/mfa/register/totp", body)).json()["verified"] is True
    assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403
    response = await pending.use_totp(authenticator.code(1))
    assert response.json()["user"]["scope"] == "user:basic"


async def test_the_first_verified_app_asks_to_save_codes(ada: Caller, clock: Clock) -> None:
    authenticator = await _register(ada, clock)
    response = await ada.use_totp(authenticator.code())
    assert response.json()["user"]["mfaBackupCodeAcknowledgement"] == "pending"


async def test_a_user_with_no_method_and_no_code_left_is_not_challenged(ada: Caller) -> None:
    codes = await ada.codes()
    await ada.acknowledge()
    for code in codes:
        assert (await ada.use(code)).status_code == 200
    response = await (await ada.sign_in()).call("GET", "/users")
    assert response.json()["scope"] == "user:basic"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_one_step_of_clock_drift_is_accepted(authenticator: Authenticator, steps: int, *, accepted: bool) -> None:
    assert await _code_of(authenticator.caller, authenticator.code(steps)) == (None if accepted else "mfa_invalid_code")


async def test_a_step_is_accepted_once_and_no_earlier_one_after_it(authenticator: Authenticator) -> None:
    assert await _code_of(authenticator.caller, authenticator.code()) is None
    assert await _code_of(authenticator.caller, authenticator.code()) == "mfa_invalid_code"
    assert await _code_of(authenticator.caller, authenticator.code(-1)) == "mfa_invalid_code"
    assert await _code_of(authenticator.caller, authenticator.code(1)) is None


async def test_concurrent_uses_of_one_totp_code_succeed_once(authenticator: Authenticator) -> None:
    code = authenticator.code()
    responses = await asyncio.gather(*(authenticator.caller.use_totp(code) for _ in range(5)))
    assert sorted(response.status_code for response in responses) == [200, 422, 422, 422, 422]


async def test_a_second_verified_app_is_refused(authenticator: Authenticator) -> None:
    assert (await authenticator.caller.call("GET", "/users/mfa/register/totp")).status_code == 401


async def test_registering_again_replaces_an_unverified_app(ada: Caller, clock: Clock) -> None:
    first = await _register(ada, clock)
    second = await _register(ada, clock)
    assert await _code_of(ada, first.code(), id=first.id) == "mfa_device_not_found"
    assert await _code_of(ada, second.code(), id=second.id) is None


async def test_an_unknown_device_is_not_found(authenticator: Authenticator) -> None:
    caller = authenticator.caller
    for response in (
        await caller.use_totp("123456", id="nothing"),
        await caller.call("PUT", "/users/mfa/nothing", {"default": True}),
        await caller.call("DELETE", "/users/mfa/nothing"),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "mfa_device_not_found")


async def test_another_users_device_is_not_found(authenticator: Authenticator) -> None:
    bob = await authenticator.caller.sign_in("bob@example.org")
    assert await _code_of(bob, authenticator.code(), id=authenticator.id) == "mfa_device_not_found"
    assert (await bob.call("DELETE", f"/users/mfa/{authenticator.id}")).json()["code"] == "mfa_device_not_found"


async def test_the_default_is_set_with_or_without_a_body(authenticator: Authenticator) -> None:
    path = f"/users/mfa/{authenticator.id}"
    for body, default in (({"default": False}, False), (None, True)):
        response = await authenticator.caller.call("PUT", path, body)
        assert (response.status_code, response.content) == (200, b"")
        (device,) = (await authenticator.caller.call("GET", "/users/mfa")).json()["devices"]
        assert device["default"] is default


async def test_deleting_a_verified_app_requires_step_up(authenticator: Authenticator) -> None:
    caller, path = authenticator.caller, f"/users/mfa/{authenticator.id}"
    authenticator.clock.tick(600)
    response = await caller.call("DELETE", path, x_mfa_auth_token="")
    assert (response.status_code, response.json()) == (403, {"error": "Elevated access token required"})
    token = (await caller.use_totp(authenticator.code(), createMfaToken={"singleUse": True})).json()["mfaToken"]
    response = await caller.call("DELETE", path, x_mfa_auth_token=token)
    assert (response.status_code, response.content) == (200, b"")
    assert (await caller.call("GET", "/users/mfa")).json() == {"count": 0, "devices": []}


async def test_deleting_an_unverified_app_requires_no_step_up(ada: Caller, clock: Clock) -> None:
    authenticator = await _register(ada, clock)
    assert (await ada.call("DELETE", f"/users/mfa/{authenticator.id}")).status_code == 200


async def test_an_elevated_token_is_valid_for_its_scopes_only(authenticator: Authenticator) -> None:
    caller, path = authenticator.caller, f"/users/mfa/{authenticator.id}"
    response = await caller.use_totp(authenticator.code(), requestedScopes=["credential:link", "wallet:sign"])
    linking = response.json()["elevatedAccessToken"]
    assert (await caller.call("DELETE", path, x_dyn_elevated_access_token=linking)).status_code == 403
    response = await caller.use_totp(authenticator.code(1), requestedScopes=["credential:unlink"])
    unlinking = response.json()["elevatedAccessToken"]
    assert (await caller.call("DELETE", path, x_dyn_elevated_access_token=unlinking)).status_code == 200


async def test_registering_checks_the_scope_of_an_elevated_token(ada: Caller) -> None:
    response = await ada.use((await ada.codes())[0], requestedScopes=["credential:unlink", "credential:link"])
    good = response.json()["elevatedAccessToken"]
    path = "/users/mfa/register/totp"
    assert (await ada.call("GET", path, x_dyn_elevated_access_token="x")).status_code == 403
    assert (await ada.call("GET", path, x_dyn_elevated_access_token=good)).status_code == 200


@pytest.mark.parametrize(
    ("scopes", "seconds"), [(["wallet:sign", "credential:unlink"], 300), (["credential:unlink"], 600)]
)
async def test_a_step_up_token_expires_when_documented(
    authenticator: Authenticator, scopes: list[str], seconds: int
) -> None:
    caller, clock = authenticator.caller, authenticator.clock
    response = await caller.use_totp(authenticator.code(), requestedScopes=scopes)
    token = response.json()["elevatedAccessToken"]
    clock.tick(seconds)
    response = await caller.call("DELETE", f"/users/mfa/{authenticator.id}", x_dyn_elevated_access_token=token)
    assert response.status_code == 403


async def test_only_a_time_bound_token_can_be_used_again(ada: Caller, clock: Clock) -> None:
    path = "/users/mfa/register/totp"
    for scopes, second in ((["wallet:sign", "credential:link"], 403), (["credential:link"], 200)):
        code = (await ada.codes())[0]
        response = await ada.use(code, createMfaToken={"singleUse": True}, requestedScopes=scopes)
        token = response.json()["elevatedAccessToken"]
        clock.tick(299)
        assert (await ada.call("GET", path, x_dyn_elevated_access_token=token)).status_code == 200
        assert (await ada.call("GET", path, x_dyn_elevated_access_token=token)).status_code == second


async def test_a_step_up_token_of_another_session_is_refused(authenticator: Authenticator) -> None:
    caller = authenticator.caller
    authenticator.clock.tick(600)
    pending = await caller.sign_in()
    response = await pending.use_totp(authenticator.code(), createMfaToken={"singleUse": False})
    token = response.json()["mfaToken"]
    path = f"/users/mfa/{authenticator.id}"
    assert (await caller.call("DELETE", path, x_mfa_auth_token=token)).status_code == 403


async def test_sign_in_allows_linking_if_the_user_has_no_factor(ada: Caller, clock: Clock) -> None:
    async def token() -> object:
        verification_id = await ada.ask_for_code()
        body = {
            "verificationUUID": verification_id,
            "verificationToken": ada.mailed_code(verification_id),
            "allowNewMFALinking": True,
        }
        return (await ada.call("POST", "/emailVerifications/signin", body)).json()["elevatedAccessToken"]

    assert await token()
    authenticator = await _register(ada, clock)
    assert await _code_of(ada, authenticator.code()) is None
    assert await token() is None
