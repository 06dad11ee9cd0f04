from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands.conftest import use_up
from tests.support.command import run_command, run_with_faults
from tests.support.transport import READ, refuses


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
def test_check_compares_any_text_and_prints_no_code(
    tmp_path: Path, layout: Callable[[list[str]], str], code: int, codes: list[str]
) -> None:
    file = tmp_path / "text"
    file.write_text(layout(codes))
    result = run_command("check", str(file))
    assert result.code == code
    assert not [one for one in codes if one in result.out + result.err]


def test_check_counts_codes(tmp_path: Path, codes: list[str]) -> None:
    file = tmp_path / "text"
    file.write_text("\n".join([*codes[:4], "ABCDEFGHJK"]))
    assert run_command("check", str(file)).out.splitlines() == [
        "work, and are in this copy: 4",
        "work, and are missing from this copy: 6",
        "are in this copy, and do not work: 1",
        "lines with codes that do not work: 5",
        "This copy is not complete: save the codes again.",
    ]


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        (lambda codes: codes, "This copy is complete."),
        (lambda codes: [*codes, "ABCDEFGHJK"], "Cross out the lines that do not work."),
        (lambda _: ["ABCDEFGHJK"], "This copy is out of date: save the codes again."),
        (lambda _: ["nothing of it"], "This copy is no list of your codes: save the codes again."),
    ],
)
def test_check_ends_with_a_verdict_and_names_the_account(
    codes: list[str], held: Callable[[list[str]], list[str]], verdict: str
) -> None:
    result = run_command("check", "-", stdin="\n".join(held(codes)))
    assert result.out.splitlines()[-1].endswith(verdict)
    assert "you@embedded.localhost at built-in service" in result.err


def test_check_reports_that_all_codes_are_used_up(saved: list[str]) -> None:
    use_up(saved[:9])
    assert run_command("use", stdin=saved[9]).code == 0
    result = run_command("check", "-", stdin="\n".join(saved))
    assert result.code == 1
    assert result.out.endswith("No code is left that works: make new ones with mfa-tui rotate.\n")


def test_check_counts_the_file_if_the_service_lists_no_codes(tmp_path: Path, codes: list[str]) -> None:
    file = tmp_path / "text"
    file.write_text("\n".join(codes))
    result = run_with_faults({READ: refuses(403, {"error": "no"})}, "check", str(file))
    assert result.code == 1
    assert "holds 10 codes" in result.out


@pytest.mark.parametrize(
    ("named", "said"), [("none", "There is no file"), ("", "No file is named."), ("/tmp", "/tmp is a folder.")]
)
def test_check_of_a_missing_file_is_a_usage_error(named: str, said: str) -> None:
    result = run_command("check", named)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
