"""The README's commands, run as a new user types them."""

import json
import os
import re
import shlex
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from mfa_tui.cli import parser
from tests.support.command import unmeasured
from tests.support.program import Program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = [
    re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^    .*\n)+", README, re.MULTILINE)
]
COMMANDS = sorted(set(re.findall(r"^(?:    |\(umask 077; )?(mfa-tui(?: [^\n`#|>;)]*)?)", README, re.MULTILINE)))


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_readme_parses(command: str) -> None:
    parser.parse(shlex.split(command.strip().removesuffix("&").removesuffix("\\"))[1:])


def block_with(text: str) -> str:
    """Return the block of commands that has a text."""
    (block,) = (block for block in BLOCKS if text in block)
    return block


@pytest.fixture
def environment(mfa_tui: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a new user who has installed the program."""
    path = f"{Path(mfa_tui).parent}:{os.environ['PATH']}"
    return unmeasured() | {"HOME": str(tmp_path), "PATH": path, "SHELL": "/bin/sh"}


def run(block: str, environment: dict[str, str]) -> str:
    """Run a block of commands in the home folder, and return its output."""
    done = subprocess.run(
        ["bash", "-e", "-c", block],
        cwd=environment["HOME"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_tour_runs_as_typed(environment: dict[str, str]) -> None:
    shell = Program(["bash", "--norc", "--noprofile"], environment=environment | {"PS1": "ready> "})
    first, second, third = block_with("# shows the codes").splitlines()
    shell.wait_for("ready>")
    shell.press(first, "enter")
    shell.wait_for("10 of 10 left")
    shell.press("?")
    shell.wait_for("Replace all codes with new ones")
    shell.press("escape")
    shell.wait_until(lambda: "esc closes" not in shell.text, "the end of the help")
    shell.press("q")
    shell.wait_for("Quit anyway")
    shell.press("y")
    shell.wait_for("ready>")
    shell.press(second, "enter")
    shell.wait_for("are not confirmed", "Type yes to sign out")
    shell.press("yes", "enter")
    shell.wait_for("Signed out")
    shell.press(third, "enter")
    shell.wait_for("Nothing to challenge")
    shell.close()


def test_round_in_scripts_runs(environment: dict[str, str], tmp_path: Path) -> None:
    said = run(block_with("| mfa-tui use"), environment)
    assert "Challenge passed: 9 of 10 left" in said
    assert (tmp_path / "codes.txt").stat().st_mode & 0o077 == 0


def test_profiles_of_the_readme_are_listed_and_used(environment: dict[str, str], tmp_path: Path) -> None:
    configuration = tmp_path / ".config" / "mfa-tui" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(block_with("[profiles.work]"))
    said = run(block_with("mfa-tui profiles use"), environment)
    assert "me@example.org" in said
    assert 'profile = "work"' in configuration.read_text()


def test_completion_scripts_are_written(environment: dict[str, str], tmp_path: Path) -> None:
    block = block_with("completion bash")
    scripts = [tmp_path / name for name in re.findall(r"> ~/(\S+)", block)]
    for script in scripts:
        script.parent.mkdir(parents=True)
    run(block, environment)
    assert [script.name for script in scripts if "mfa-tui" in script.read_text()] == [
        "mfa-tui",
        "_mfa-tui",
        "mfa-tui.fish",
    ]


def test_service_for_an_app_starts_with_a_seeded_user(environment: dict[str, str], tmp_path: Path) -> None:
    command = shlex.split(block_with("relaxed --seed-user").replace("8765", "0"))
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        printed = "".join(takewhile(lambda line: line != "});\n", service.stdout))
        service.terminate()
    assert "/api/v0" in printed
    assert list(json.loads((tmp_path / "mfa" / "seeds.json").read_text())) == ["ada@example.org"]
