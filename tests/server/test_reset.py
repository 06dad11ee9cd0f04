import json

import pyotp
import pytest

from mfa_tui.server import reset
from mfa_tui.server.errors import UserUnknownError
from mfa_tui.server.service import Service
from mfa_tui.server.store import Transaction
from tests.support.caller import Caller, Clock, mails

EMAIL = "ada@example.org"


def _reset(service: Service, email: str = EMAIL) -> None:
    reset.run(service._store, service._keys, email)


def _tables_with_rows(service: Service) -> set[str]:
    def find(db: Transaction) -> set[str]:
        query = "SELECT 1 FROM {} WHERE user_number = (SELECT number FROM users WHERE email = ?)"
        tables = ("sessions", "recovery_codes", "totp_devices", "passkeys")
        return {table for table in tables if db.exists(query.format(table), EMAIL)}

    return service._store.read(find)


@pytest.fixture
async def passed(anyone: Caller, clock: Clock) -> tuple[Caller, list[str]]:
    """A session of a user with confirmed codes and an authenticator app, and the codes."""
    seeds = json.loads(anyone.service.seed([EMAIL, "bob@example.org"], with_totp=True).read_text())
    pending = await anyone.sign_in()
    secret = seeds[EMAIL]["totpSecret"]
    response = await pending.use_totp(pyotp.TOTP(secret).at(int(clock.now)))
    ada = Caller(anyone.http, anyone.service, response.json()["minifiedJwt"])
    return ada, await ada.codes()


async def test_a_reset_ends_every_session(anyone: Caller, passed: tuple[Caller, list[str]]) -> None:
    ada, _ = passed
    _reset(anyone.service)
    assert (await ada.call("GET", "/users")).status_code == 401


async def test_the_next_sign_in_is_not_challenged_and_gets_new_codes(
    anyone: Caller, passed: tuple[Caller, list[str]]
) -> None:
    _, old = passed
    _reset(anyone.service, EMAIL.title())
    again = await anyone.sign_in()
    user = (await again.call("GET", "/users")).json()
    assert user["scope"] == "user:basic"
    assert user.get("mfaBackupCodeAcknowledgement") is None
    assert not set(await again.codes()) & set(old)
    await again.acknowledge()
    assert (await (await anyone.sign_in()).call("GET", "/users/mfa/recovery")).status_code == 403


async def test_an_old_code_opens_nothing_after_a_reset(anyone: Caller, passed: tuple[Caller, list[str]]) -> None:
    _, old = passed
    _reset(anyone.service)
    assert (await (await anyone.sign_in()).use(old[0])).status_code == 422


async def test_a_reset_ends_the_waits_and_the_requested_mails(anyone: Caller, passed: tuple[Caller, list[str]]) -> None:
    ada, _ = passed
    for _ in range(6):
        response = await ada.use("2222222222")
    assert response.status_code == 429
    verification_id = await anyone.ask_for_code()
    code = anyone.mailed_code(verification_id)
    _reset(anyone.service)
    body = {"verificationUUID": verification_id, "verificationToken": code}
    assert (await anyone.call("POST", "/emailVerifications/signin", body)).status_code != 200
    again = await anyone.sign_in()
    codes = await again.codes()
    assert (await again.use(codes[0])).status_code == 200


@pytest.mark.usefixtures("passed")
async def test_a_reset_leaves_every_other_user_alone(anyone: Caller) -> None:
    _reset(anyone.service)
    assert (await (await anyone.sign_in("bob@example.org")).call("GET", "/users/mfa/recovery")).status_code == 403


@pytest.mark.usefixtures("passed")
def test_no_row_of_the_user_is_left_after_a_reset(service: Service) -> None:
    assert _tables_with_rows(service) == {"sessions", "recovery_codes", "totp_devices"}
    _reset(service)
    assert _tables_with_rows(service) == set()


@pytest.mark.usefixtures("passed")
def test_a_running_service_mails_the_notice_of_a_reset(service: Service) -> None:
    _reset(service)
    claimed = service._store.write(service._outbox._claim)  # as each process does from time to time
    assert [b"Your account was reset" in one.mail.content for one in claimed] == [True]


def test_an_unknown_address_is_not_reset(service: Service) -> None:
    with pytest.raises(UserUnknownError):
        reset.require_user(service._store, EMAIL)
    with pytest.raises(UserUnknownError):
        _reset(service)
    assert mails(service) == []
