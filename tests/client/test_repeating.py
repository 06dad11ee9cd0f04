"""A changing request whose response is lost is sent once more, with the same id, to an idempotent service only."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from mfa_tui.client import errors
from mfa_tui.client.client import DynamicClient
from mfa_tui.redaction import Secret
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock
from tests.support.transport import (
    READ,
    ROTATE,
    USE,
    Fault,
    FaultyTransport,
    Pass,
    lost_after,
    lost_before,
    not_reached,
    refuses,
)


class Session:
    """A session at a service that is reached through a faulty transport."""

    def __init__(self, transport: FaultyTransport, client: DynamicClient, caller: Caller) -> None:
        self.transport = transport
        self.client = client
        self.caller = caller
        self.token = Secret(caller.token)

    def fail_once(self, line: str, *faults: Fault) -> None:
        """Let each of these faults happen to one request, and none to later ones."""
        left = list(faults)

        async def fault(request: httpx.Request, carry: Pass) -> httpx.Response:
            return await (left.pop(0)(request, carry) if left else carry())

        self.transport.faults[line] = fault

    async def rotate(self) -> list[str]:
        codes = await self.client.create_new_mfa_recovery_codes(self.token)
        return [code.reveal() for code in codes.recovery_codes]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service.open(tmp_path / "mfa", clock=Clock())
    yield service
    service.close()


@pytest.fixture
async def session(service: Service) -> AsyncIterator[Session]:
    """A session whose client has heard that the service is idempotent."""
    transport = FaultyTransport(idempotent=True).to(service.app)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http,
        DynamicClient(transport, "http://service/api/v0", service.environment_id) as client,
    ):
        caller = await Caller(http, service).sign_in()
        session = Session(transport, client, caller)
        await client.get_mfa_recovery_codes(session.token)
        yield session


@pytest.mark.parametrize("lost", [lost_before, lost_after])
async def test_lost_rotation_is_sent_again_and_replaces_once(session: Session, lost: Fault) -> None:
    old = await session.caller.codes()
    session.fail_once(ROTATE, lost)
    new = await session.rotate()
    assert await session.caller.codes() == new
    assert not set(new) & set(old)
    sent = [request for request in session.transport.requests if request.method == "POST"]
    assert len(sent) == 2
    assert len({request.headers["x-dyn-request-id"] for request in sent}) == 1


async def test_lost_rotation_is_sent_again_only_once(session: Session) -> None:
    session.transport.faults[ROTATE] = lost_after
    with pytest.raises(errors.OutcomeUnknownError):
        await session.rotate()
    assert session.transport.count(ROTATE) == 2


@pytest.mark.parametrize("then", [not_reached, refuses(401, {"error": "no"}), refuses(429, {"error": "no"})])
async def test_outcome_stays_unknown_if_the_repetition_is_not_handled(session: Session, then: Fault) -> None:
    session.fail_once(ROTATE, lost_after, then)
    with pytest.raises(errors.OutcomeUnknownError):
        await session.rotate()


@pytest.mark.parametrize("lost", [lost_before, lost_after])
async def test_wrong_code_is_refused_and_counted_once_after_a_lost_response(session: Session, lost: Fault) -> None:
    for _ in range(4):
        assert (await session.caller.use("2222222222")).status_code == 422
    session.fail_once(USE, lost)
    with pytest.raises(errors.InvalidCodeError):
        await session.client.authenticate_mfa_recovery_code(session.token, Secret("2222222222"))
    assert (await session.caller.use("2222222222")).headers["retry-after"] == "30"


async def test_rotation_of_a_replaced_set_is_refused_after_a_lost_request(session: Session) -> None:
    old = [Secret(code) for code in await session.caller.codes()]
    new = await session.caller.rotate()
    session.fail_once(ROTATE, lost_before)
    with pytest.raises(errors.RecoveryCodesChangedError):
        await session.client.create_new_mfa_recovery_codes(session.token, replaces=old)
    assert await session.caller.codes() == new


async def test_nothing_is_repeated_if_the_service_does_not_say_that_it_is_idempotent(service: Service) -> None:
    transport = FaultyTransport().to(service.app)
    client = DynamicClient(transport, "http://service/api/v0", service.environment_id)
    app = httpx.ASGITransport(service.app)
    async with client, httpx.AsyncClient(transport=app, base_url="http://service") as http:
        token = Secret((await Caller(http, service).sign_in()).token)
        await client.get_mfa_recovery_codes(token)
        transport.faults[ROTATE] = lost_after
        with pytest.raises(errors.OutcomeUnknownError):
            await client.create_new_mfa_recovery_codes(token)
    assert transport.count(ROTATE) == 1


async def test_reading_and_signing_in_are_not_repeated(session: Session) -> None:
    session.transport.faults[READ] = lost_before
    before = session.transport.count(READ)
    with pytest.raises(errors.OutcomeUnknownError):
        await session.client.get_mfa_recovery_codes(session.token)
    assert session.transport.count(READ) == before + 1
    sign_in = "POST /emailVerifications/signin"
    session.transport.faults[sign_in] = lost_before
    with pytest.raises(errors.OutcomeUnknownError):
        await session.client.sign_in_with_email("v", Secret("123456"))
    assert session.transport.count(sign_in) == 1
