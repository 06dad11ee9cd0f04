from dataclasses import replace

import pytest

from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock

FIELDS = {
    "alias": "ada",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "jobTitle": "Analyst",
    "phoneNumber": "+44",
    "tShirtSize": "M",
    "team": "Engines",
    "policiesConsent": True,
    "country": "GB",
    "username": "ada",
    "metadata": {"theme": "dark"},
    "btcWallet": "bc1",
    "kdaWallet": "k",
    "ltcWallet": "l",
    "ckbWallet": "c",
    "kasWallet": "s",
    "dogeWallet": "d",
    "emailNotification": True,
    "discordNotification": False,
    "newsletterNotification": False,
}


async def test_every_field_of_the_user_is_stored_and_returned(ada: Caller) -> None:
    response = await ada.call("PUT", "/users", {**FIELDS, "email": "ada@example.org", "captchaToken": "x"})
    assert response.json()["nextView"] == "done"
    for user in (response.json()["user"], (await ada.call("GET", "/users")).json()):
        assert {name: user[name] for name in FIELDS} == FIELDS


async def test_an_update_keeps_other_fields_and_null_clears_one(ada: Caller) -> None:
    await ada.call("PUT", "/users", {"firstName": "Ada", "lastName": "Byron"})
    body = {"lastName": None, "mfaBackupCodeAcknowledgement": None}
    for update in (body, {}):
        user = (await ada.call("PUT", "/users", update)).json()["user"]
        assert user["firstName"] == "Ada"
        assert "lastName" not in user


@pytest.mark.parametrize(
    "body", [{"email": "eve@example.org"}, {"firstName": 1}, {"metadata": {"a": "x" * 17_000}}, {"unknown": 1}]
)
async def test_a_field_that_cannot_be_stored_is_refused(ada: Caller, body: dict[str, object]) -> None:
    assert (await ada.call("PUT", "/users", {"firstName": "Ada", **body})).status_code == 400
    assert "firstName" not in (await ada.call("GET", "/users")).json()


async def test_a_user_name_belongs_to_one_user(ada: Caller, anyone: Caller) -> None:
    bob = await anyone.sign_in("bob@example.org")
    await ada.call("PUT", "/users", {"username": "ada"})
    path = "/users/check?filter[field]=username&filter[value]="
    assert (await bob.call("GET", f"{path}ada")).json() == {"field": "username", "value": "ada", "available": False}
    assert (await bob.call("GET", f"{path}bob")).json()["available"] is True
    assert (await bob.call("PUT", "/users", {"username": "ada"})).status_code == 422
    assert (await ada.call("PUT", "/users", {"username": "ada"})).status_code == 200


async def test_the_check_of_an_address_reveals_no_other_user(ada: Caller, anyone: Caller) -> None:
    await anyone.sign_in("bob@example.org")
    path = "/users/check?filter[field]=email&filter[value]="
    for email, available in (("bob@example.org", True), ("ada@example.org", False)):
        assert (await ada.call("GET", path + email)).json()["available"] is available
    assert (await ada.call("GET", "/users/check")).status_code == 400


async def test_deleting_the_user_deletes_everything(ada: Caller, service: Service) -> None:
    await ada.codes()
    await ada.call("PUT", "/users", {"firstName": "Ada"})
    response = await ada.call("DELETE", "/users")
    assert (response.status_code, response.content) == (204, b"")
    assert (await ada.call("GET", "/users")).status_code == 401
    again = await Caller(ada.http, service).sign_in()
    assert "firstName" not in (await again.call("GET", "/users")).json()


async def test_deleting_a_user_with_a_factor_requires_step_up(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    await ada.acknowledge()
    clock.tick(600)
    assert (await ada.call("DELETE", "/users")).json() == {"error": "Elevated access token required"}
    token = (await ada.use(code, createMfaToken={"singleUse": True})).json()["mfaToken"]
    assert (await ada.call("DELETE", "/users", x_mfa_auth_token=token)).status_code == 204
    assert (await replace(ada).call("GET", "/users")).status_code == 401
