"""Verification that codes are saved: the last characters of two random codes."""

from secrets import SystemRandom

import pytest

from mfa_tui.account import verification
from mfa_tui.account.verification import Question
from mfa_tui.redaction import Secret

CODES = {number: Secret(f"ABCDE{number}GHIJ"[:10]) for number in range(1, 11)}


@pytest.mark.parametrize("typed", ["WXYZ", "wxyz", " w x y z ", "4WXYZ", "ABCDE 4WXYZ", "ABCDE-4WXYZ", "abcde4wxyz"])
def test_the_end_of_a_code_or_all_of_it_is_an_answer(typed: str) -> None:
    assert Question(1, Secret("ABCDE4WXYZ")).is_answered_by(typed)


@pytest.mark.parametrize("typed", ["", "XYZ", "-XYZ", "ABCD", "WXYA", "XABCDE4WXYZ", "WXYZ WXYZ", "\x1bWXY"])
def test_nothing_else_is(typed: str) -> None:
    assert not Question(1, Secret("ABCDE4WXYZ")).is_answered_by(typed)


def test_two_different_codes_are_asked_for_in_the_sets_order() -> None:
    for _ in range(50):
        first, second = verification.questions(CODES)
        assert first.number < second.number
        assert [first.code, second.code] == [CODES[first.number], CODES[second.number]]


def test_which_ones_is_random() -> None:
    class Last(SystemRandom):
        def sample(self, population: object, k: int, **_: object) -> list[int]:  # type: ignore[override]  # enough here
            assert population == sorted(CODES)
            return sorted(CODES)[-k:]

    assert [question.number for question in verification.questions(CODES, Last())] == [9, 10]


@pytest.mark.parametrize("size", [0, 1])
def test_a_smaller_set_is_asked_less(size: int) -> None:
    assert len(verification.questions(dict(list(CODES.items())[:size]))) == size
