from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verbs.conftest import Shell


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        ("\n".join, 0),
        (lambda codes: " ".join(f"{code[:5]}-{code[5:]}".lower() for code in codes), 0),
        (lambda codes: "".join(f"{n}. {code}\r\n" for n, code in enumerate(codes, 1)) + "ABCDEFGHJK", 0),
        (lambda codes: "\n".join(codes[1:]), 1),
        (lambda _: "nothing of it", 1),
        (lambda _: "", 1),
    ],
    ids=["lines", "groups", "widget", "one missing", "another text", "empty"],
)
def test_any_text_with_the_codes_in_it_is_compared_and_no_code_is_printed(
    shell: Shell, tmp_path: Path, layout: Callable[[list[str]], str], code: int, codes: list[str]
) -> None:
    file = tmp_path / "text"
    file.write_text(layout(codes))
    answer = shell("check", str(file))
    assert answer.code == code
    assert not [one for one in codes if one in answer.out + answer.err]


def test_it_counts(shell: Shell, tmp_path: Path, codes: list[str]) -> None:
    file = tmp_path / "text"
    file.write_text("\n".join([*codes[:4], "ABCDEFGHJK"]))
    assert shell("check", str(file)).out.splitlines() == [
        "work, and are in the file: 4",
        "work, and are missing from the file: 6",
        "are in the file, and do not work: 1",
    ]


def test_where_the_service_does_not_list_the_codes_it_says_what_it_can(
    shell: Shell, tmp_path: Path, codes: list[str]
) -> None:
    file = tmp_path / "text"
    file.write_text("\n".join(codes))
    answer = shell.bent("line.bends[READ] = refuses(403, {'error': 'no'})", "check", str(file))
    assert answer.code == 1
    assert "holds 10 codes" in answer.out


def test_a_file_that_is_not_there_is_a_matter_of_usage(shell: Shell, tmp_path: Path) -> None:
    assert shell("check", str(tmp_path / "none")).code == 2
