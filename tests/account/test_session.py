"""Sessions: stored between starts, refreshed, taken over, ended."""

import asyncio
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.errors import NotRevokedError
from mfa_tui.account.state import Stage, State
from mfa_tui.client import errors
from mfa_tui.client.headers import NO_STEP_UP_TOKENS, StepUpTokens
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.redaction import Secret
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.sessions import Session, SessionFile
from tests.support.timing import set_timing
from tests.support.transport import (
    REFRESH,
    REVOKE,
    WHO,
    Fault,
    FaultyTransport,
    Pass,
    lost_before,
    not_reached,
    refuses,
)


def file_of(account: Account) -> Path:
    assert isinstance(account._sessions, SessionFile)
    return account._sessions.path


def held(account: Account) -> Session:
    assert account.state.session is not None
    return account.state.session


def stage(account: Account) -> Stage:
    return account.state.stage


async def test_stages_follow_in_order(signed_out: Account) -> None:
    assert stage(signed_out) is Stage.NO_SESSION
    await signed_out.sign_in_automatically()
    assert stage(signed_out) is Stage.READY
    await signed_out.read_codes()
    assert stage(signed_out) is Stage.CODES_NOT_CONFIRMED
    await signed_out.acknowledge_recovery_codes(signed_out.state.codes)
    assert stage(signed_out) is Stage.READY
    await signed_out.sign_in_automatically()
    assert stage(signed_out) is Stage.CHALLENGE_PENDING


async def test_session_is_stored_in_a_private_file(account: Account, places: AppPaths) -> None:
    path = file_of(account)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    async with connection.open_account(places) as later:
        await later.resume_session()
        assert later.user.id == account.user.id
        assert later.state.stage is Stage.CODES_NOT_CONFIRMED


async def test_pending_session_is_never_written_to_disk(saved: Account) -> None:
    await saved.sign_out()
    await saved.sign_in_automatically()
    assert saved.state.stage is Stage.CHALLENGE_PENDING
    await saved.keep_alive()
    await saved.check_challenge()
    assert not file_of(saved).exists()


@pytest.mark.parametrize(
    "other",
    [
        {"environment_id": "b4c1e6a2-0000-4000-8000-000000000000"},
        {"api_url": "https://elsewhere.test/api/v0"},
        {"expires_at": 0},
    ],
    ids=["environment", "address", "over"],
)
async def test_foreign_or_expired_session_is_not_sent(
    account: Account, network: FaultyTransport, other: dict[str, str | int]
) -> None:
    account._sessions.save(msgspec.structs.replace(held(account), **other))
    account._set_state(State())
    network.noted.clear()
    await account.resume_session()
    assert account.state.stage is Stage.NO_SESSION
    assert network.noted == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda _: b"\x00\xff",
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b'"expiresAt":', b'"expiresAt":"soon","x":'),
        lambda raw: raw.replace(b'"token":"', b'"token":17,"x":"'),
        lambda raw: raw.replace(b'"token":"', '"token":"\N{LATIN SMALL LETTER O WITH DIAERESIS}'.encode()),
        lambda raw: raw.replace(b'"since":', b'"since":1e400,"x":'),
        lambda _: b"[" * 100_000,
    ],
    ids=["empty", "binary", "cut", "wrong time", "wrong token", "not ASCII", "no number", "deep"],
)
async def test_damaged_session_file_is_ignored(account: Account, spoil: Callable[[bytes], bytes]) -> None:
    path = file_of(account)
    path.write_bytes(spoil(path.read_bytes()))
    account._set_state(State())
    await account.resume_session()
    assert account.state.stage is Stage.NO_SESSION


async def test_unreadable_session_file_is_reported(account: Account) -> None:
    path = file_of(account)
    path.unlink()
    path.mkdir()
    account._set_state(State())
    with pytest.raises(StorageError, match="could not be read: a folder stands"):
        await account.resume_session()


async def test_session_that_cannot_be_stored_stays_in_memory(signed_out: Account, places: AppPaths) -> None:
    places.state.write_text("")
    await signed_out.sign_in_automatically()
    assert signed_out.state.session is not None
    assert isinstance(signed_out.state.warning, StorageError)


async def test_storing_the_session_keeps_a_newer_warning(signed_out: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = UsageError("The profile is wrong.", hint="Correct it.")
    monkeypatch.setattr(signed_out._sessions, "save", lambda _session: signed_out.warn(warning))
    await signed_out.sign_in_automatically()
    assert signed_out.state.warning is warning


async def test_refused_session_is_dropped(account: Account, network: FaultyTransport) -> None:
    account._set_state(State())
    network.faults[WHO] = refuses(401, {"error": "no"})
    await account.resume_session()
    assert account.state.stage is Stage.NO_SESSION


async def test_stored_session_stays_if_the_service_is_silent(account: Account, network: FaultyTransport) -> None:
    account._set_state(State())
    network.faults[WHO] = not_reached
    with pytest.raises(errors.NotSentError):
        await account.resume_session()
    assert file_of(account).exists()


@pytest.mark.parametrize(("age", "refreshed"), [(0.4, 0), (0.6, 1)])
async def test_session_is_refreshed_after_half_its_lifetime(
    account: Account, network: FaultyTransport, age: float, refreshed: int
) -> None:
    now = int(time.time())
    begun = msgspec.structs.replace(
        held(account), since=now - int(10_000 * age), expires_at=now + int(10_000 * (1 - age))
    )
    account._sessions.save(begun)
    account._set_state(State())
    await account.resume_session()
    assert network.count(REFRESH) == refreshed
    assert (account.session_time_left > 20_000) is bool(refreshed)
    kept = account._sessions.load()
    assert kept == held(account)


@pytest.mark.parametrize("fault", [lost_before, refuses(500, {"error": "no"}), refuses(401, {"error": "no"})])
async def test_session_stays_if_the_refresh_fails(account: Account, network: FaultyTransport, fault: Fault) -> None:
    await account._start_session(msgspec.structs.replace(held(account), since=0))
    before = held(account)
    network.faults[REFRESH] = fault
    await account.keep_alive()
    assert account.state.session is before


async def test_late_refresh_does_not_undo_a_sign_out(account: Account, network: FaultyTransport) -> None:
    await account._start_session(msgspec.structs.replace(held(account), since=0))

    async def meanwhile(_request: httpx.Request, carry: Pass) -> httpx.Response:
        answer = await carry()
        await account.sign_out()
        return answer

    network.faults[REFRESH] = meanwhile
    await account.keep_alive()
    assert account.state.stage is Stage.NO_SESSION
    assert not file_of(account).exists()


async def test_late_resume_does_not_undo_a_sign_out(account: Account, network: FaultyTransport) -> None:
    async def meanwhile(_request: httpx.Request, carry: Pass) -> httpx.Response:
        answer = await carry()
        await account.sign_out()
        return answer

    network.faults[WHO] = meanwhile
    await account.resume_session()
    assert account.state.stage is Stage.NO_SESSION
    assert not file_of(account).exists()


async def never() -> bool:
    raise AssertionError


async def test_refresh_by_another_program_is_followed(account: Account, places: AppPaths) -> None:
    await account._start_session(msgspec.structs.replace(held(account), since=0))
    async with connection.open_account(places) as other:
        await other.resume_session()
        assert other._token != account._token
        await account.with_step_up(account.read_codes, never)
        assert account._token == other._token


async def test_older_stored_session_is_not_taken_over(account: Account) -> None:
    older = msgspec.structs.replace(held(account), token=Secret("older"), since=0)
    account._sessions.save(older)
    before = account._token
    await account.keep_alive()
    assert account._token == before


async def test_newer_stored_session_is_taken_over(account: Account, places: AppPaths) -> None:
    async with connection.open_account(places) as other:
        await other.sign_in_automatically()
        await account.client.revoke(account._token)
        assert await account._adopt_stored_session()
        assert account._token == other._token


async def test_refused_session_ends_without_another_one(account: Account) -> None:
    account._step_up_tokens = StepUpTokens(mfa_token=Secret("x"))
    assert not await account._adopt_stored_session()
    assert account.state.stage is Stage.NO_SESSION
    assert account._step_up_tokens == NO_STEP_UP_TOKENS


async def sign_in_another(account: Account) -> None:
    verification = await account.send_email_code("other@embedded.localhost")
    assert account._mailbox is not None
    code = await account._mailbox.code_from(verification.verification_uuid)
    await account.sign_in(verification.verification_uuid, code)


async def test_session_of_another_user_is_not_taken_over(account: Account, places: AppPaths) -> None:
    async with connection.open_account(places) as other:
        await sign_in_another(other)
        kept = other._sessions.load()
    assert kept is not None
    assert kept.user.id != account.user.id
    assert not await account._adopt_stored_session()
    assert account._sessions.load() == kept


async def test_next_user_sees_nothing_of_the_last(account: Account) -> None:
    assert account.state.codes is not None
    account._expire_session()
    assert account.state.codes is not None
    await sign_in_another(account)
    assert account.state.codes is None


async def test_stored_session_shows_nothing_of_the_last_user(account: Account, places: AppPaths) -> None:
    async with connection.open_account(places) as other:
        await sign_in_another(other)
        account._expire_session()
        await account.resume_session()
    assert account.user.email == "other@embedded.localhost"
    assert account.state.codes is None


async def test_sign_out_revokes_then_deletes(account: Account, network: FaultyTransport) -> None:
    token = account._token
    account._step_up_tokens = StepUpTokens(elevated_access_token=Secret("x"))
    kept_at_revoke: list[bool] = []

    async def look(_request: httpx.Request, carry: Pass) -> httpx.Response:
        kept_at_revoke.append(file_of(account).exists())
        return await carry()

    network.faults[REVOKE] = look
    await account.sign_out()
    assert kept_at_revoke == [True]
    assert not file_of(account).exists()
    assert account.state == State()
    assert account._step_up_tokens == NO_STEP_UP_TOKENS
    with pytest.raises(errors.NotSignedInError):
        await account.client.get_user(token)


async def test_sign_out_fails_if_the_file_cannot_be_deleted(account: Account) -> None:
    path = file_of(account)
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError, match="could not be removed"):
        await account.sign_out()
    assert account.state.session is not None
    path.rmdir()
    await account.sign_out()
    assert account.state == State()


async def test_sign_out_warns_if_the_session_may_live_on(account: Account, network: FaultyTransport) -> None:
    network.faults[REVOKE] = not_reached
    with pytest.raises(NotRevokedError) as caught:
        await account.sign_out()
    assert not file_of(account).exists()
    assert account.state == State()
    assert caught.value.exit_code is ExitCode.NOT_REACHED
    assert "The session may live there until 20" in caught.value.impact


async def test_sign_out_succeeds_if_the_session_has_ended(account: Account) -> None:
    await account.client.revoke(account._token)
    await account.sign_out()
    assert account.state == State()


async def test_sign_out_revokes_a_stored_session(account: Account, network: FaultyTransport) -> None:
    token = account._token
    account._set_state(State())
    await account.sign_out()
    assert network.requests[-1].headers["authorization"] == f"Bearer {token.reveal()}"
    assert network.noted[-1] == REVOKE
    assert not file_of(account).exists()


@pytest.mark.parametrize(
    "fault", [not_reached, lost_before, refuses(500, {"error": "no"}), refuses(401, {"error": "no"}), refuses(302, {})]
)
async def test_sign_out_deletes_the_session_on_every_fault(
    account: Account, network: FaultyTransport, fault: Fault
) -> None:
    network.faults[REVOKE] = fault
    with suppress(NotRevokedError):
        await account.sign_out()
    assert not file_of(account).exists()
    assert account.state == State()


async def test_sign_out_stops_waiting_for_a_silent_service(account: Account, network: FaultyTransport) -> None:
    async def silent(_request: httpx.Request, _carry: Pass) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    set_timing(account, revoke_timeout=0.01)
    network.faults[REVOKE] = silent
    with pytest.raises(NotRevokedError):
        await account.sign_out()
    assert not file_of(account).exists()


async def test_automatic_sign_in_fails_without_a_mailbox(signed_out: Account) -> None:
    signed_out._mailbox = None
    with pytest.raises(errors.NotSignedInError):
        await signed_out.sign_in_automatically()


async def test_profile_is_saved_once(account: Account, places: AppPaths) -> None:
    account._profile = replace(account.profile, name="work", known=False)
    await account.save_profile()
    assert account.profile.known
    written = (places.config / "config.toml").read_text()
    await account.save_profile()
    assert (places.config / "config.toml").read_text() == written


async def test_session_is_saved_off_the_event_loop_thread(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    save = account._sessions.save

    def noted_save(session: Session) -> None:
        threads.append(threading.current_thread())
        save(session)

    monkeypatch.setattr(account._sessions, "save", noted_save)
    await account._start_session(msgspec.structs.replace(held(account), since=0))
    await account.keep_alive()
    assert len(threads) == 2
    assert threading.current_thread() not in threads
