from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock, wait_for_mails

DAY = 24 * 3600


def _rows(service: Service) -> dict[str, int]:
    tables = ("sessions", "step_up_tokens", "email_verifications", "mails_sent", "attempts")
    return service._store.read(
        lambda db: {table: db.fetch_column(int, f"SELECT count(*) FROM {table}")[0] for table in tables}
    )


async def test_the_database_does_not_grow_with_time(ada: Caller, clock: Clock) -> None:
    code = (await ada.codes())[0]
    await ada.use(code, createMfaToken={"singleUse": False}, requestedScopes=["credential:link"])
    for _ in range(40):
        clock.tick(10 * DAY)
        ada = await ada.sign_in(allowNewMFALinking=True)
        await ada.use("2222222222")
        await ada.use((await ada.rotate())[0])
        rows = _rows(ada.service)
        assert rows["sessions"] <= 4
        assert rows["step_up_tokens"] <= 2
        assert rows["email_verifications"] <= 2
        assert rows["mails_sent"] == 0
        assert rows["attempts"] <= 4


async def test_the_outbox_does_not_grow_with_time(ada: Caller, service: Service, clock: Clock) -> None:
    await ada.codes()
    await ada.rotate()
    wait_for_mails(service)
    notices = {path.name for path in service.outbox.glob("notice-*.eml")}
    assert notices
    clock.tick(89 * DAY)
    await ada.sign_in("bob@example.org")
    assert notices <= {path.name for path in service.outbox.iterdir()}
    clock.tick(2 * DAY)
    await ada.sign_in("bob@example.org")
    assert not notices & {path.name for path in service.outbox.iterdir()}


async def test_valid_sessions_survive_the_cleanup(ada: Caller, clock: Clock) -> None:
    clock.tick(29 * DAY)
    await ada.sign_in("bob@example.org")
    assert (await ada.call("GET", "/users")).status_code == 200


async def test_cleanup_reduces_a_backlog(anyone: Caller, clock: Clock) -> None:
    for number in range(45):
        await anyone.ask_for_code(f"user{number}@example.org")
    clock.tick(601)
    left = []
    for _ in range(3):
        await anyone.ask_for_code()
        left.append(_rows(anyone.service)["email_verifications"])
    assert left == [26, 7, 3]
