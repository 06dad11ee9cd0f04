import pytest

from mfa_tui import sanitize


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b]52;c;cHduZWQ=\x07hello", "]52;c;cHduZWQ=hello"),
        ("\x9b31mred", "31mred"),
        ("a\u202eb", "ab"),
        ("a\u200bb\ufeffc", "abc"),
        ("a\rb\x7fc\x00", "abc"),
        ("a\u2028b", "ab"),
        ("a\u3164b\u2800c\u115fd\u1160e\uffa0f\u034fg\ufe0fh\U000e0100i", "abcdefghi"),
        ("two\nlines", "two\nlines"),
        ("Zoë 東京 👍", "Zoë 東京 👍"),
    ],
)
def test_clean_removes_controls_and_invisible_characters(dirty: str, cleaned: str) -> None:
    assert sanitize.clean(dirty) == cleaned


def test_clean_cuts_text_at_its_maximum() -> None:
    assert len(sanitize.clean("a" * 100_000)) == sanitize.MAX_LENGTH
    assert len(sanitize.clean("é" * 100_000)) == sanitize.MAX_LENGTH


def test_clean_tree_cleans_every_string_and_name() -> None:
    assert sanitize.clean_tree({"a\x1b": ["b\x07", {"c": "d\x9d", "n": 1}]}) == {"a": ["b", {"c": "d", "n": 1}]}


def test_clean_tree_refuses_deep_nesting() -> None:
    tree: list[object] = []
    for _ in range(sanitize.MAX_DEPTH + 1):
        tree = [tree]
    with pytest.raises(ValueError, match="nested too deep"):
        sanitize.clean_tree(tree)


def test_one_line_marks_a_cut_with_an_ellipsis() -> None:
    assert sanitize.one_line("a\nb   c", 10) == "a b c"
    assert sanitize.one_line("abcdefghij", 5) == "abcd…"
