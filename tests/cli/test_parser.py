"""The command line: its help, its options, and the README's table, which is generated from the parser."""

import argparse
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from mfa_tui.cli import parser
from mfa_tui.cli.command_table import COMMANDS, Command
from mfa_tui.errors import ExitCode

README = Path(__file__).parents[2] / "README.md"

by_command = pytest.mark.parametrize("command", COMMANDS, ids=[command.name for command in COMMANDS])


def usage(command: Command) -> str:
    """Return the usage of a command."""
    alone = argparse.ArgumentParser(prog=f"mfa-tui {command.name}", add_help=False)
    command.options.add_arguments(alone)
    return " ".join(alone.format_usage().removeprefix("usage: ").split())


def table() -> str:
    """Return the README's table of commands."""
    rows = [f"| `mfa-tui {command.name}` | {command.summary} |" for command in COMMANDS]
    return "\n".join(["| command | does |", "|---|---|", *rows])


def test_readme_table_matches_the_parser() -> None:
    assert table() in README.read_text(), f"the README's table should be:\n{table()}"


@by_command
def test_help_of_each_command_has_an_example_that_parses(command: Command, mfa_tui: str) -> None:
    said = subprocess.run([mfa_tui, command.name, "--help"], capture_output=True, text=True, check=True).stdout
    assert f"example:\n  {command.example}" in said
    words = shlex.split(command.example)
    end = next((at for at, word in enumerate(words) if word in {"|", "&&", "<", ">"}), len(words))
    parsed = parser.parser().parse_args(words[1:end])
    assert parsed.command is command


def test_help_names_the_line_mode_and_the_exit_codes(mfa_tui: str) -> None:
    said = " ".join(subprocess.run([mfa_tui, "--help"], capture_output=True, text=True, check=True).stdout.split())
    assert "--plain" in said
    assert "screen readers" in said
    assert "ACCESSIBLE=1" in said
    assert not [code for code in ExitCode if f" {int(code)}" not in said.split("exit codes:")[1]]


@pytest.mark.parametrize(
    ("typed", "meant"), [("statsu", "status"), ("rotat", "rotate"), ("ack", None), ("acknowlege", "acknowledge")]
)
def test_parser_suggests_a_command_on_a_typo(typed: str, meant: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser.parser().parse_args([typed])
    said = capsys.readouterr().err
    if meant is None:
        assert "invalid choice" in said
    else:
        assert f"there is no '{typed}'. Did you mean {meant}?" in said


@pytest.mark.parametrize("arguments", [["--profile", "work", "status"], ["status", "--profile", "work"]])
def test_global_option_works_before_and_after_the_command(arguments: list[str]) -> None:
    assert parser.parser().parse_args(arguments).profile == "work"


def test_option_overrides_its_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MFA_TUI_PROFILE", "home")
    monkeypatch.setenv("MFA_TUI_API_URL", "https://example.org/api/v0")
    monkeypatch.setenv("MFA_TUI_ENVIRONMENT_ID", "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11")
    parsed = parser.parser().parse_args(["status"])
    assert parsed.profile == "home"
    assert parsed.api_url == "https://example.org/api/v0"
    assert parsed.environment_id == "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
    assert parser.parser().parse_args(["status", "--profile", "work"]).profile == "work"


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("MFA_TUI_PLAIN", "1", True),
        ("ACCESSIBLE", "1", True),
        ("ACCESSIBLE", "true", True),
        ("ACCESSIBLE", "0", False),
        ("MFA_TUI_PLAIN", "", False),
    ],
)
def test_environment_selects_the_line_mode(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, *, plain: bool
) -> None:
    for other in ("MFA_TUI_PLAIN", "ACCESSIBLE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    assert parser.parser().parse_args([]).plain is plain


def test_no_option_takes_a_code_or_a_token() -> None:
    said = " ".join(usage(command) for command in COMMANDS) + parser.parser().format_usage()
    flags = {word.strip("[]") for word in said.split() if word.strip("[]").startswith("--")}
    assert not {flag for flag in flags if any(word in flag for word in ("code", "token", "totp", "password"))}
    assert "--save" in flags


def test_option_prefix_is_not_accepted(mfa_tui: str) -> None:
    done = subprocess.run([mfa_tui, "status", "--js"], capture_output=True, env=os.environ, check=False)
    assert done.returncode == 2


def test_help_is_plain_ascii(mfa_tui: str) -> None:
    """A terminal of any encoding shows it."""
    for command in ("", "codes"):
        done = subprocess.run([mfa_tui, *command.split(), "--help"], capture_output=True, check=True)
        assert done.stdout.isascii(), command


@pytest.mark.parametrize(
    ("asked", "same"), [(["help"], ["--help"]), (["help", "use"], ["use", "--help"]), (["help", "x"], ["x", "--help"])]
)
def test_help_works_as_a_command(mfa_tui: str, asked: list[str], same: list[str]) -> None:
    first, second = (
        subprocess.run([mfa_tui, *words], capture_output=True, text=True, check=False) for words in (asked, same)
    )
    assert (first.returncode, first.stdout, first.stderr) == (second.returncode, second.stdout, second.stderr)


@pytest.mark.parametrize("wrong", [["status", "--code", "x"], ["check"], ["rotate", "--save"], ["check", "a", "b"]])
def test_error_in_a_command_prints_its_own_usage(mfa_tui: str, wrong: list[str]) -> None:
    done = subprocess.run([mfa_tui, *wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"usage: mfa-tui {wrong[0]} ")
    assert done.stderr.endswith("\nNothing was done.\n")


def test_readme_names_every_global_option() -> None:
    said = parser.parser().format_usage()
    text = README.read_text()
    assert not [flag for flag in re.findall(r"--[a-z-]+", said) if flag not in text and flag != "--version"]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["--profle", "work", "status"], "--profile"),
        (["status", "--jsn"], "--json"),
        (["rotate", "--yess"], "--yes"),
        (["--pain"], "--plain"),
        (["status", "--profle=work"], "--profile"),
    ],
)
def test_parser_suggests_an_option_on_a_typo(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser.parser().parse_args(arguments)
    assert f"here. Did you mean {meant}?" in capsys.readouterr().err
