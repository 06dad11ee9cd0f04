"""A changing request that arrives twice is handled once, and answered twice with the same response."""

import asyncio

import httpx
import pytest

from mfa_tui.server import idempotency
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock, mails

ID = "R" * 50


def _notices(caller: Caller) -> int:
    return len([mail for mail in mails(caller.service) if mail["Subject"] == "Your recovery codes were replaced"])


async def _rotate(caller: Caller, request_id: str = ID) -> httpx.Response:
    return await caller.call("POST", "/users/mfa/recovery", x_dyn_request_id=request_id)


async def test_a_rotation_that_arrives_twice_replaces_the_set_once(ada: Caller) -> None:
    first, second = await _rotate(ada), await _rotate(ada)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert await ada.codes() == first.json()["recoveryCodes"]
    assert _notices(ada) == 1


async def test_rotations_that_arrive_at_once_replace_the_set_once(ada: Caller) -> None:
    responses = await asyncio.gather(*(_rotate(ada) for _ in range(5)))
    assert len({response.content for response in responses}) == 1
    assert _notices(ada) == 1


async def test_another_request_id_is_another_rotation(ada: Caller) -> None:
    assert (await _rotate(ada)).json() != (await _rotate(ada, "S" * 50)).json()


async def test_a_code_that_arrives_twice_is_accepted_twice_and_used_once(ada: Caller) -> None:
    codes = await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    first = await pending.call("POST", "/users/mfa/auth/recovery", {"code": codes[0]}, x_dyn_request_id=ID)
    second = await pending.call("POST", "/users/mfa/auth/recovery", {"code": codes[0]}, x_dyn_request_id=ID)
    assert (first.status_code, second.content) == (200, first.content)
    assert await ada.codes() == codes[1:]


async def test_a_wrong_code_that_arrives_twice_is_counted_once(ada: Caller) -> None:
    for _ in range(10):
        body = {"code": "2222222222"}
        response = await ada.call("POST", "/users/mfa/auth/recovery", body, x_dyn_request_id=ID)
        assert (response.status_code, response.json()["code"]) == (422, "mfa_invalid_code")
    assert (await ada.use("2222222222")).status_code == 422


async def test_a_refusal_that_changed_nothing_is_decided_again(ada: Caller) -> None:
    body = {"mfaBackupCodeAcknowledgement": "complete"}
    assert (await ada.call("PUT", "/users", body, x_dyn_request_id=ID)).status_code == 422
    await ada.codes()
    assert (await ada.call("PUT", "/users", body, x_dyn_request_id=ID)).status_code == 200


async def test_a_response_is_given_to_its_own_session_only(ada: Caller) -> None:
    first = await _rotate(ada)
    other = await ada.sign_in()
    assert (await _rotate(other)).json() != first.json()


async def test_an_id_of_another_request_is_refused(ada: Caller) -> None:
    codes = await ada.codes()
    path = "/users/mfa/auth/recovery"
    assert (await ada.call("POST", path, {"code": codes[0]}, x_dyn_request_id=ID)).status_code == 200
    response = await ada.call("POST", path, {"code": codes[1]}, x_dyn_request_id=ID)
    assert (response.status_code, response.json()["code"]) == (422, "mfa_invalid_request")
    assert await ada.codes() == codes[1:]


@pytest.mark.parametrize("request_id", ["", "short", "x" * 65, "a b c d e f g h i j k l"])
async def test_a_request_without_a_usable_id_is_always_handled(ada: Caller, request_id: str) -> None:
    assert (await _rotate(ada, request_id)).json() != (await _rotate(ada, request_id)).json()


async def test_a_response_is_stored_for_a_day(ada: Caller, clock: Clock) -> None:
    first = await _rotate(ada)
    assert first.headers["x-mfa-tui-idempotency"] == "86400"
    clock.tick(86_399)
    assert (await _rotate(ada)).json() == first.json()
    clock.tick(1)
    assert (await _rotate(ada)).json() != first.json()


async def test_stored_responses_are_bounded(ada: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MAX_RESPONSES", 3)
    for _ in range(5):
        await ada.rotate()
    assert _stored(ada.service) == 3
    clock.tick(86_400)
    await ada.rotate()
    assert _stored(ada.service) == 1
    assert (await ada.call("POST", "/revoke")).status_code == 204
    assert _stored(ada.service) == 0


def _stored(service: Service) -> int:
    (count,) = service._store.read(lambda db: db.fetch_column(int, "SELECT count(*) FROM stored_responses"))
    return count
