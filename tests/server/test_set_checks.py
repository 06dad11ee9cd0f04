"""A confirmation and a rotation name the set that they are about, so that no other set is confirmed or replaced."""

import httpx
import pytest

from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import RecoveryCodesChangedError
from mfa_tui.protocol.set_fingerprint import SET_HEADER, set_fingerprint
from mfa_tui.redaction import Secret
from tests.support.caller import Caller

CONFIRMED = {"mfaBackupCodeAcknowledgement": "complete"}


def _secrets(codes: list[str]) -> list[Secret]:
    return [Secret(code) for code in codes]


def _client(caller: Caller) -> DynamicClient:
    transport = httpx.ASGITransport(caller.service.app)
    return DynamicClient(transport, "http://service/api/v0", caller.service.environment_id)


async def _acknowledgement(caller: Caller) -> object:
    return (await caller.call("GET", "/users")).json()["mfaBackupCodeAcknowledgement"]


def test_fingerprint_ignores_order_and_depends_on_the_token() -> None:
    codes, token = _secrets(["B", "A"]), Secret("t")
    assert set_fingerprint(codes, token) == "4a6f261608fe3a5f99e81a3c01a4113aff539dab36423c0b8e5762b06a1c439e"
    assert set_fingerprint(codes, token) == set_fingerprint(codes[::-1], token)
    assert set_fingerprint(codes, token) != set_fingerprint(codes, Secret("u"))


async def test_confirmation_of_the_set_that_was_replaced_is_refused(ada: Caller) -> None:
    old = await ada.codes()
    new = await (await ada.sign_in()).rotate()
    async with _client(ada) as client:
        with pytest.raises(RecoveryCodesChangedError):
            await client.acknowledge_recovery_codes(Secret(ada.token), shown=_secrets(old))
        assert await _acknowledgement(ada) == "pending"
        await client.acknowledge_recovery_codes(Secret(ada.token), shown=_secrets(new))
    assert await _acknowledgement(ada) == "complete"


async def test_confirmation_without_fingerprint_counts_for_the_set_last_shown(ada: Caller) -> None:
    await ada.codes()
    other = await ada.sign_in()
    await other.rotate()
    response = await ada.call("PUT", "/users", CONFIRMED)
    assert (response.status_code, response.json()["code"]) == (409, "recovery_codes_changed")
    assert await _acknowledgement(ada) == "pending"
    await ada.codes()
    await ada.acknowledge()
    assert await _acknowledgement(other) == "complete"


async def test_confirmation_from_a_session_that_was_shown_no_set_is_refused(ada: Caller) -> None:
    await ada.codes()
    other = await ada.sign_in()
    assert (await other.call("PUT", "/users", CONFIRMED)).status_code == 409
    await ada.acknowledge()


async def test_confirmation_after_a_code_was_used_counts(ada: Caller) -> None:
    codes = await ada.codes()
    await ada.use(codes[0])
    await ada.acknowledge()


@pytest.mark.parametrize("fingerprint", ["", "0" * 64, "\u00e9"])
async def test_confirmation_with_another_fingerprint_is_refused(ada: Caller, fingerprint: str) -> None:
    await ada.codes()
    headers = {b"authorization": f"Bearer {ada.token}".encode(), SET_HEADER.encode(): fingerprint.encode()}
    url = f"/api/v0/sdk/{ada.service.environment_id}/users"
    response = await ada.http.put(url, json=CONFIRMED, headers=headers)
    assert response.status_code == 409


async def test_rotation_of_a_set_that_was_replaced_is_refused(ada: Caller) -> None:
    old = await ada.codes()
    async with _client(ada) as client:
        await client.create_new_mfa_recovery_codes(Secret(ada.token), replaces=_secrets(old))
        new = await ada.codes()
        with pytest.raises(RecoveryCodesChangedError):
            await client.create_new_mfa_recovery_codes(Secret(ada.token), replaces=_secrets(old))
        assert await ada.codes() == new
        await client.create_new_mfa_recovery_codes(Secret(ada.token))
    assert await ada.codes() != new
