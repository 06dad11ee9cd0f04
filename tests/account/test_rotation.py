"""A rotation is written to the journal first, and is requested once."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mfa_tui import atomic_file
from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.client import errors
from mfa_tui.storage import private_file
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.journal import Rotation
from mfa_tui.storage.paths import AppPaths
from tests.support.facts import codes, codes_on_service, journals, rotation_status
from tests.support.transport import (
    READ,
    ROTATE,
    WHO,
    Fault,
    FaultyTransport,
    after,
    lost_after,
    lost_before,
    not_reached,
    refuses,
    straight,
)


async def test_rotation_shows_ten_new_unsaved_codes(saved: Account) -> None:
    old = codes(saved)
    await saved.create_new_mfa_recovery_codes()
    assert not set(codes(saved)) & set(old)
    assert codes(saved) == await codes_on_service(saved)
    assert saved.state.stage is Stage.CODES_NOT_CONFIRMED
    assert rotation_status(saved) is None


async def test_journal_is_written_first_and_contains_no_code(
    account: Account, places: AppPaths, network: FaultyTransport
) -> None:
    seen: list[bytes] = []

    def look() -> None:
        (path,) = journals(places)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        seen.append(path.read_bytes())

    old = codes(account)
    network.faults[ROTATE] = after(look, straight)
    await account.create_new_mfa_recovery_codes()
    (written,) = seen
    journal = json.loads(written)
    assert len(journal["old"]) == 10
    for code in old + codes(account):
        text = code.reveal()
        assert not any(text[i : i + 4].lower() in written.decode().lower() for i in range(7) if not is_hex(text[i:]))
        # It contains no fast hash either: each one is salted and slow.
        assert not any(text.encode() in bytes.fromhex(digest) for digest in journal["old"])
    assert journal["salt"] not in journal["old"]


def is_hex(text: str) -> bool:
    return set(text[:4].lower()) <= set("0123456789abcdef")


async def test_two_journals_of_one_set_share_nothing(account: Account) -> None:
    first = Rotation.of(codes(account), acknowledged=True, asked_at=0)
    second = Rotation.of(codes(account), acknowledged=True, asked_at=0)
    assert not set(first.old or ()) & set(second.old or ())


async def test_journal_is_closed_when_the_new_set_arrives(account: Account, places: AppPaths) -> None:
    await account.create_new_mfa_recovery_codes()
    assert journals(places) == []


async def test_nothing_is_sent_without_a_journal(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "replace_file", full)
    with pytest.raises(StorageError, match="disk is full"):
        await account.create_new_mfa_recovery_codes()
    assert network.count(ROTATE) == 0


def full(_path: Path, _content: bytes) -> None:
    raise OSError(28, "")


def stuck(path: Path) -> None:
    raise StorageError("removed", path, OSError())


async def test_new_codes_are_shown_if_the_journal_cannot_be_closed(
    saved: Account, places: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = codes(saved)
    monkeypatch.setattr(private_file, "remove", stuck)
    await saved.create_new_mfa_recovery_codes()
    assert codes(saved) == await codes_on_service(saved) != old
    assert "rotation-" in str(saved.state.warning)
    assert journals(places)


async def test_refusal_is_reported_if_the_journal_cannot_be_closed(
    account: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.faults[ROTATE] = refuses(429, {"error": "slow"})
    monkeypatch.setattr(private_file, "remove", stuck)
    with pytest.raises(errors.RateLimitedError):
        await account.create_new_mfa_recovery_codes()
    assert "rotation-" in str(account.state.warning)


REFUSALS = [not_reached, *(refuses(status, {"error": "no"}) for status in (400, 401, 403, 404, 422, 429))]


@pytest.mark.parametrize("fault", REFUSALS)
async def test_refusal_changes_nothing_and_leaves_no_journal(
    account: Account, places: AppPaths, network: FaultyTransport, fault: Fault
) -> None:
    old = codes(account)
    network.faults[ROTATE] = fault
    with pytest.raises(errors.ApiError):
        await account.create_new_mfa_recovery_codes()
    assert codes(account) == old
    assert journals(places) == []
    assert network.count(ROTATE) == 1


async def test_unreadable_set_is_not_replaced(account: Account, network: FaultyTransport) -> None:
    account._set_state(replace(account.state, codes=None))
    network.faults[READ] = lost_before
    with pytest.raises(errors.OutcomeUnknownError):
        await account.create_new_mfa_recovery_codes()
    assert network.count(ROTATE) == 0


async def test_user_without_a_state_has_unsaved_codes(saved: Account, network: FaultyTransport) -> None:
    network.faults[WHO] = lost_before
    await saved.create_new_mfa_recovery_codes()
    assert saved.state.stage is Stage.CODES_NOT_CONFIRMED


async def test_journal_of_one_user_does_not_affect_another(account: Account, network: FaultyTransport) -> None:
    network.faults |= {ROTATE: lost_after, READ: not_reached}
    await account.create_new_mfa_recovery_codes()
    assert await account._open_rotation() is not None
    assert account.state.session is not None
    other = msgspec.structs.replace(account.user, id="other")
    await account._start_session(msgspec.structs.replace(account.state.session, user=other))
    assert await account._open_rotation() is None
    assert rotation_status(account) is None


@pytest.mark.parametrize("spoilt", [b"", b"{}", b'{"askedAt": 1}', b"\xff", b"[" * 10_000])
async def test_damaged_journal_is_ignored(
    account: Account, places: AppPaths, network: FaultyTransport, spoilt: bytes
) -> None:
    network.faults[ROTATE] = lost_before
    await account.create_new_mfa_recovery_codes()
    (journal,) = journals(places)
    journal.write_bytes(spoilt)
    assert await account._open_rotation() is None
    await account.read_codes()
    assert codes(account) == await codes_on_service(account)
