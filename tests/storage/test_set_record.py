"""The record of a set, as a value."""

import hashlib
from typing import NoReturn

import pytest

from mfa_tui.redaction import Secret
from mfa_tui.storage.set_record import SetRecord, _fingerprint

CODES = tuple(Secret(f"CODE{number:06}") for number in range(10))


def recorded(codes: tuple[Secret, ...]) -> SetRecord:
    return SetRecord.new().with_live_set(codes, 1)


@pytest.fixture
def seen() -> SetRecord:
    """A set of ten codes, of which three were used elsewhere."""
    return recorded(CODES).with_live_set(CODES[:7], 3)


def refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError


def forbid_slow_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    _fingerprint.cache_clear()
    monkeypatch.setattr(hashlib, "scrypt", refuse)


def test_known_set_is_recognized_without_slow_hashes(seen: SetRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_slow_hashes(monkeypatch)
    assert seen.holds(CODES[:7])
    assert seen.numbers(CODES[:7]) == (1, 2, 3, 4, 5, 6, 7)
    assert seen.with_live_set(CODES[:7], 4) == seen


@pytest.mark.parametrize("codes", [CODES[:6], CODES[1:7], (*CODES[:6], Secret("CODE999999")), CODES[6::-1]])
def test_other_set_needs_slow_hashes(
    seen: SetRecord, codes: tuple[Secret, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_slow_hashes(monkeypatch)
    with pytest.raises(AssertionError):
        seen.numbers(codes)


def test_few_codes_have_no_fast_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    few = recorded(CODES[:3])
    forbid_slow_hashes(monkeypatch)
    with pytest.raises(AssertionError):
        few.numbers(CODES[:3])


def test_used_code_keeps_the_numbers_of_the_others(seen: SetRecord) -> None:
    used = seen.with_use(CODES[1], 5).with_used()
    assert used.numbers((CODES[0], *CODES[2:7])) == (1, 3, 4, 5, 6, 7)
    assert used.numbers(CODES[:7]) == (1, 2, 3, 4, 5, 6, 7)
