import asyncio
from dataclasses import dataclass, replace

import pyotp
import pytest

from tests.support.caller import Caller, Clock


@dataclass
class Authenticator:
    """A user's authenticator app, and the caller who registered it."""

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
    answer = await caller.call("GET", "/users/mfa/register/totp")
    assert answer.status_code == 200
    app = pyotp.parse_uri(answer.json()["uri"])
    assert isinstance(app, pyotp.TOTP)
    assert app.secret == answer.json()["secret"]
    return Authenticator(caller, clock, answer.json()["id"], app)


@pytest.fixture
async def authenticator(ada: Caller, clock: Clock) -> Authenticator:
    """A verified one; the step of its first code is used up, and over."""
    authenticator = await _register(ada, clock)
    assert (await ada.use_totp(authenticator.code(), id=authenticator.id)).status_code == 200
    clock.tick(90)
    return authenticator


async def _code_of(answer_of: Caller, code: str, **more: object) -> str | None:
    answer = await answer_of.use_totp(code, **more)
    return None if answer.status_code == 200 else str(answer.json()["code"])


async def test_the_first_code_confirms_a_registered_app(ada: Caller, clock: Clock) -> None:
    authenticator = await _register(ada, clock)
    (device,) = (await ada.call("GET", "/users/mfa")).json()["devices"]
    assert (device["id"], device["verified"], device["verifiedAt"]) == (authenticator.id, False, None)
    methods = (await ada.call("GET", "/users/mfa/methods?verifiedOnly=true")).json()
    assert (methods["devices"], methods["userHasVerifiedMfaMethods"]) == ([], False)
    answer = await ada.call("POST", "/users/mfa/register/totp", {"type": "totp", "code": authenticator.code()})
    assert answer.json()["verified"] is True
    assert answer.json()["default"] is True
    methods = (await ada.call("GET", "/users/mfa/methods?verifiedOnly=true")).json()
    assert [device["id"] for device in methods["devices"]] == [authenticator.id]
    assert methods["userHasVerifiedMfaMethods"] is True


async def test_a_verified_app_makes_the_next_sign_in_pending_and_passes_it(authenticator: Authenticator) -> None:
    pending = await authenticator.caller.sign_in()
    assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403
    answer = await pending.use_totp(authenticator.code())
    assert answer.json()["user"]["scope"] == "user:basic"
    passed = replace(pending, token=answer.json()["minifiedJwt"])
    assert (await passed.call("GET", "/users/mfa/recovery")).status_code == 200


async def test_an_app_that_nobody_confirmed_passes_no_challenge(ada: Caller, clock: Clock) -> None:
    authenticator = await _register(ada, clock)
    await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    assert await _code_of(pending, authenticator.code()) == "mfa_device_not_found"
    assert await _code_of(pending, authenticator.code(), id=authenticator.id) == "mfa_device_not_found"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_one_step_of_drift_either_way_is_accepted(
    authenticator: Authenticator, steps: int, *, accepted: bool
) -> None:
    assert await _code_of(authenticator.caller, authenticator.code(steps)) == (None if accepted else "mfa_invalid_code")


async def test_a_step_is_accepted_once_and_those_before_it_no_more(authenticator: Authenticator) -> None:
    assert await _code_of(authenticator.caller, authenticator.code()) is None
    assert await _code_of(authenticator.caller, authenticator.code()) == "mfa_invalid_code"
    assert await _code_of(authenticator.caller, authenticator.code(-1)) == "mfa_invalid_code"
    assert await _code_of(authenticator.caller, authenticator.code(1)) is None


async def test_of_many_uses_of_one_code_at_once_one_wins(authenticator: Authenticator) -> None:
    code = authenticator.code()
    answers = await asyncio.gather(*(authenticator.caller.use_totp(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422]


async def test_a_second_verified_app_is_refused(authenticator: Authenticator) -> None:
    assert (await authenticator.caller.call("GET", "/users/mfa/register/totp")).status_code == 401


async def test_registering_anew_replaces_an_app_that_was_never_confirmed(ada: Caller, clock: Clock) -> None:
    first = await _register(ada, clock)
    second = await _register(ada, clock)
    assert await _code_of(ada, first.code(), id=first.id) == "mfa_device_not_found"
    assert await _code_of(ada, second.code(), id=second.id) is None


async def test_an_unknown_device_is_told_as_such(authenticator: Authenticator) -> None:
    caller = authenticator.caller
    for answer in (
        await caller.use_totp("123456", id="nothing"),
        await caller.call("PUT", "/users/mfa/nothing", {"default": True}),
        await caller.call("DELETE", "/users/mfa/nothing"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "mfa_device_not_found")


async def test_another_users_device_is_unknown(authenticator: Authenticator) -> None:
    bob = await authenticator.caller.sign_in("bob@example.org")
    assert await _code_of(bob, authenticator.code(), id=authenticator.id) == "mfa_device_not_found"
    assert (await bob.call("DELETE", f"/users/mfa/{authenticator.id}")).json()["code"] == "mfa_device_not_found"


async def test_the_default_is_set_with_a_body_or_without(authenticator: Authenticator) -> None:
    path = f"/users/mfa/{authenticator.id}"
    for body, default in (({"default": False}, False), (None, True)):
        answer = await authenticator.caller.call("PUT", path, body)
        assert (answer.status_code, answer.content) == (200, b"")
        (device,) = (await authenticator.caller.call("GET", "/users/mfa")).json()["devices"]
        assert device["default"] is default


async def test_removing_an_app_takes_a_step_up(authenticator: Authenticator) -> None:
    caller, path = authenticator.caller, f"/users/mfa/{authenticator.id}"
    answer = await caller.call("DELETE", path, x_mfa_auth_token="")
    assert (answer.status_code, answer.json()) == (403, {"error": "Elevated access token required"})
    token = (await caller.use_totp(authenticator.code(), createMfaToken={"singleUse": True})).json()["mfaToken"]
    answer = await caller.call("DELETE", path, x_mfa_auth_token=token)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await caller.call("GET", "/users/mfa")).json() == {"count": 0, "devices": []}


async def test_an_app_that_was_never_confirmed_is_removed_without_step_up(ada: Caller, clock: Clock) -> None:
    authenticator = await _register(ada, clock)
    assert (await ada.call("DELETE", f"/users/mfa/{authenticator.id}")).status_code == 200


async def test_an_elevated_token_is_good_for_its_scope_alone(authenticator: Authenticator) -> None:
    caller, path = authenticator.caller, f"/users/mfa/{authenticator.id}"
    answer = await caller.use_totp(authenticator.code(), requestedScopes=["credential:link", "wallet:sign"])
    linking = answer.json()["elevatedAccessToken"]
    assert (await caller.call("DELETE", path, x_dyn_elevated_access_token=linking)).status_code == 403
    answer = await caller.use_totp(authenticator.code(1), requestedScopes=["credential:unlink"])
    unlinking = answer.json()["elevatedAccessToken"]
    assert (await caller.call("DELETE", path, x_dyn_elevated_access_token=unlinking)).status_code == 200


async def test_an_elevated_token_that_is_held_must_be_good_for_linking(ada: Caller) -> None:
    answer = await ada.use((await ada.codes())[0], requestedScopes=["credential:unlink", "credential:link"])
    good = answer.json()["elevatedAccessToken"]
    path = "/users/mfa/register/totp"
    assert (await ada.call("GET", path, x_dyn_elevated_access_token="x")).status_code == 403
    assert (await ada.call("GET", path, x_dyn_elevated_access_token=good)).status_code == 200
    assert (await ada.call("GET", path, x_dyn_elevated_access_token=good)).status_code == 403


@pytest.mark.parametrize(("single_use", "seconds"), [(True, 300), (False, 600)])
async def test_a_step_up_token_lasts_as_long_as_documented(
    authenticator: Authenticator, seconds: int, *, single_use: bool
) -> None:
    caller, clock = authenticator.caller, authenticator.clock
    answer = await caller.use_totp(authenticator.code(), createMfaToken={"singleUse": single_use})
    token = answer.json()["mfaToken"]
    clock.tick(seconds)
    answer = await caller.call("DELETE", f"/users/mfa/{authenticator.id}", x_mfa_auth_token=token)
    assert answer.status_code == 403


async def test_a_time_bound_token_is_good_more_than_once_and_a_single_use_one_is_not(ada: Caller, clock: Clock) -> None:
    path = "/users/mfa/register/totp"
    for single_use, second in ((True, 403), (False, 200)):
        code = (await ada.codes())[0]
        answer = await ada.use(code, createMfaToken={"singleUse": single_use}, requestedScopes=["credential:link"])
        token = answer.json()["elevatedAccessToken"]
        clock.tick(299)
        assert (await ada.call("GET", path, x_dyn_elevated_access_token=token)).status_code == 200
        assert (await ada.call("GET", path, x_dyn_elevated_access_token=token)).status_code == second


async def test_a_step_up_token_of_another_session_is_refused(authenticator: Authenticator) -> None:
    caller = authenticator.caller
    pending = await caller.sign_in()
    answer = await pending.use_totp(authenticator.code(), createMfaToken={"singleUse": False})
    token = answer.json()["mfaToken"]
    path = f"/users/mfa/{authenticator.id}"
    assert (await caller.call("DELETE", path, x_mfa_auth_token=token)).status_code == 403


async def test_linking_is_allowed_at_sign_in_to_who_has_no_factor(ada: Caller, clock: Clock) -> None:
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
