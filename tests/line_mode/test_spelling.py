import string

import pytest

from mfa_tui.line_mode.spelling import Spelling


def test_each_letter_and_digit_has_a_word_of_its_own() -> None:
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
        ("aB2", "A capital letter is called so; any other is small."),
        ("23", ""),
    ],
)
def test_it_says_of_which_case_the_letters_are(symbols: str, case: str) -> None:
    assert Spelling(symbols).case == case


def test_in_a_set_of_both_cases_a_capital_is_called_one_also_in_a_group_of_capitals_alone() -> None:
    assert Spelling("ABcd").of("AB") == "capital alpha capital bravo"
    assert Spelling("ABcd").of("cd") == "charlie delta"
