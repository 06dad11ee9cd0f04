import asyncio

import pytest

from mfa_tui.server.database import Location
from mfa_tui.server.recovery import ALPHABET
from mfa_tui.server.store import Transaction
from tests.support.caller import Caller, mails
from tests.support.postgres import PostgresServer


async def test_the_first_read_creates_ten_codes(ada: Caller) -> None:
    codes = await ada.codes()
    assert len(set(codes)) == 10
    assert all(len(code) == 10 and set(code) <= set(ALPHABET) for code in codes)
    assert await ada.codes() == codes


def test_the_alphabet_has_32_unambiguous_symbols() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("01IO")


async def test_rotation_replaces_every_code(ada: Caller) -> None:
    old = await ada.codes()
    new = await ada.rotate()
    assert not set(old) & set(new)
    assert await ada.codes() == new
    assert (await ada.use(old[0])).json()["code"] == "mfa_invalid_code"


async def test_unacknowledged_codes_do_not_make_a_sign_in_pending(ada: Caller) -> None:
    await ada.codes()
    again = await ada.sign_in()
    assert (await again.call("GET", "/users")).json()["scope"] == "user:basic"


async def test_a_pending_session_cannot_read_or_rotate_codes(ada: Caller) -> None:
    codes = await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    for method in ("GET", "POST"):
        response = await pending.call(method, "/users/mfa/recovery")
        assert (response.status_code, response.json()["code"]) == (403, "requires_additional_auth")
    assert await ada.codes() == codes


async def test_a_lower_case_code_completes_the_challenge_once(ada: Caller) -> None:
    codes = await ada.codes()
    await ada.acknowledge()
    pending = await ada.sign_in()
    response = await pending.use(codes[3].lower())
    assert response.status_code == 200
    assert response.json()["user"]["scope"] == "user:basic"
    passed = Caller(ada.http, ada.service, response.json()["minifiedJwt"])
    assert await passed.codes() == codes[:3] + codes[4:]


async def test_a_used_code_is_refused(ada: Caller) -> None:
    code = (await ada.codes())[0]
    assert (await ada.use(code)).status_code == 200
    again = await ada.use(code)
    assert (again.status_code, again.json()["code"]) == (422, "mfa_invalid_code")


async def test_reading_a_used_up_set_creates_no_codes(ada: Caller) -> None:
    for code in await ada.codes():
        assert (await ada.use(code)).status_code == 200
    assert await ada.codes() == []


async def test_another_users_code_is_refused_and_stays_valid(ada: Caller) -> None:
    bob = await ada.sign_in("bob@example.org")
    code = (await bob.codes())[0]
    assert (await ada.use(code)).status_code == 422
    assert (await bob.use(code)).status_code == 200


async def test_concurrent_uses_of_one_code_succeed_once(ada: Caller) -> None:
    code = (await ada.codes())[0]
    responses = await asyncio.gather(*(ada.use(code) for _ in range(5)))
    assert sorted(response.status_code for response in responses) == [200, 422, 422, 422, 422]


async def test_rotation_resets_the_acknowledgement(ada: Caller) -> None:
    await ada.codes()
    await ada.acknowledge()
    assert (await ada.call("GET", "/users")).json()["mfaBackupCodeAcknowledgement"] == "complete"
    await ada.rotate()
    assert (await ada.call("GET", "/users")).json()["mfaBackupCodeAcknowledgement"] == "pending"


async def test_acknowledging_requires_codes(ada: Caller) -> None:
    response = await ada.call("PUT", "/users", {"mfaBackupCodeAcknowledgement": "complete"})
    assert (response.status_code, response.json()["code"]) == (422, "mfa_invalid_request")
    again = await ada.sign_in()
    assert (await again.call("GET", "/users")).json()["scope"] == "user:basic"


async def test_malformed_codes_are_refused(ada: Caller) -> None:
    codes = await ada.codes()
    for strange in ("", "A", "A" * 10_000):
        assert (await ada.use(strange)).json()["code"] == "mfa_invalid_code"
    for strange in ("\x1b]52;c;AAAA\x07", "ÄÖÜ界🔑"):
        assert (await ada.use(strange)).json()["code"] == "mfa_invalid_code"
    assert await ada.codes() == codes


async def test_use_and_rotation_send_a_notice(ada: Caller) -> None:
    code = (await ada.rotate())[0]
    await ada.use(code)
    notices = {mail["Subject"]: mail for mail in mails(ada.service) if not mail["X-Verification-UUID"]}
    assert set(notices) == {"You signed in", "Your recovery codes were replaced", "A recovery code was used"}
    assert "Codes left: 9." in notices["A recovery code was used"].get_payload()
    for notice in notices.values():
        assert notice["To"] == "ada@example.org"
        assert "If this was not you" in notice.get_payload()
        assert code not in notice.as_string()


async def test_no_file_contains_a_code_in_plain_text(
    ada: Caller, location: Location, request: pytest.FixtureRequest
) -> None:
    codes = [*await ada.codes(), *await ada.rotate()]
    await ada.use(codes[-1])
    files = _files(location, request)
    assert len(files) > 3
    assert not [code for code in codes for held in files if code.encode() in held]


async def test_a_code_moved_to_another_row_is_not_decrypted(ada: Caller) -> None:
    await ada.codes()

    def swap(db: Transaction) -> None:
        first, second = db.fetch_column(bytes, "SELECT sealed FROM recovery_codes WHERE position < 2 ORDER BY position")
        db.execute("UPDATE recovery_codes SET sealed = ? WHERE position = 0", second)
        db.execute("UPDATE recovery_codes SET sealed = ? WHERE position = 1", first)

    ada.service._store.write(swap)
    response = (await ada.call("GET", "/users/mfa/recovery")).json()
    assert (response["count"], response["damaged"]) == (8, 2)


def _files(location: Location, request: pytest.FixtureRequest) -> list[bytes]:
    """Return the content of every file of the service and of its database."""
    folders = [location.folder]
    if location.database_url is not None:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.execute("CHECKPOINT")
        folders.append(server.data)
    return [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]
