import string

import pytest

from mfa_tui.line_mode.spelling import Spelling


def test_each_letter_and_digit_has_its_own_word() -> None:
    symbols = string.ascii_uppercase + string.digits
    words = Spelling(symbols).of(symbols).split()
    assert len(set(words)) == 36
    assert words[:5] == ["alpha", "bravo", "charlie", "delta", "echo"]
    assert all(word.startswith(letter.lower()) for letter, word in zip(symbols[:26], words, strict=False))
    assert words[-10:] == ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@pytest.mark.parametrize(
    ("symbols", "case"),
    [
        ("AB2", "All letters are capitals."),
        ("ab2", "All letters are small."),
        ("aB2", "The word capital comes before each capital letter; all others are small."),
        ("23", ""),
    ],
)
def test_case_names_the_case_of_the_letters(symbols: str, case: str) -> None:
    assert Spelling(symbols).case == case


def test_capitals_are_named_in_a_set_of_both_cases() -> None:
    assert Spelling("ABcd").of("AB") == "capital alpha capital bravo"
    assert Spelling("ABcd").of("cd") == "charlie delta"
