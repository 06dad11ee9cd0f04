import os
import subprocess
from pathlib import Path
from shutil import which

import pytest

from mfa_tui.cli.command_table import COMMANDS
from mfa_tui.cli.options import SHELLS
from tests.support.command import run_command
from tests.support.program import Program


@pytest.mark.parametrize("name", SHELLS)
def test_each_shell_parses_its_script(tmp_path: Path, name: str) -> None:
    result = run_command("completion", name)
    assert result.code == 0
    assert not [command.name for command in COMMANDS if command.name not in result.out]
    if which(name) is None:
        pytest.skip(f"{name} is not installed")
    script = tmp_path / "script"
    script.write_text(result.out)
    subprocess.run([name, "-n", str(script)], check=True)


@pytest.fixture
def profiles(home: Path, mfa_tui: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration with the profiles work and world; the shell finds the program."""
    config = home / ".config" / "mfa-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    environment = 'environment_id = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"'
    config.write_text(f"[profiles.work]\n{environment}\n[profiles.world]\n{environment}\n")
    monkeypatch.setenv("PATH", f"{Path(mfa_tui).parent}:{os.environ['PATH']}")


def complete_in_bash(line: str) -> list[str]:
    words = line.split(" ")
    ask = (
        f"{run_command('completion', 'bash').out}\nCOMP_WORDS=({' '.join(words[:-1])} '{words[-1]}')\n"
        f"COMP_CWORD={len(words) - 1}\n"
        "$(complete -p mfa-tui | sed 's/.*-F \\([^ ]*\\).*/\\1/')\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    return subprocess.run(["bash"], input=ask, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(which("bash") is None, reason="needs bash")
def test_bash_completes_commands_flags_and_choices() -> None:
    assert set(complete_in_bash("mfa-tui lo")) == {"login", "logout"}
    assert {"--yes", "--save", "--json"} <= set(complete_in_bash("mfa-tui rotate --"))
    assert set(complete_in_bash("mfa-tui completion ")) == set(SHELLS)


@pytest.mark.usefixtures("profiles")
@pytest.mark.skipif(which("bash") is None, reason="needs bash")
def test_bash_completes_names_of_profiles() -> None:
    assert complete_in_bash("mfa-tui profiles use wo") == ["work", "world"]
    assert complete_in_bash("mfa-tui --profile wor") == ["work", "world"]
    assert complete_in_bash("mfa-tui status --profile wor") == ["work", "world"]


@pytest.mark.usefixtures("profiles")
@pytest.mark.skipif(which("zsh") is None, reason="needs zsh")
@pytest.mark.parametrize("line", ["mfa-tui profiles use wo", "mfa-tui --profile wo", "mfa-tui status --profile wo"])
def test_zsh_completes_names_of_profiles(tmp_path: Path, line: str) -> None:
    (tmp_path / "_mfa-tui").write_text(run_command("completion", "zsh").out)
    (tmp_path / ".zshrc").write_text(f"PS1='> '; fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D\n")
    shell = Program(["zsh", "-i"], (80, 24), {"ZDOTDIR": str(tmp_path)})
    try:
        shell.wait_for(">")
        shell.press(*line, "\t", "\t")
        shell.wait_for("work", "world")
    finally:
        shell.close()


@pytest.mark.usefixtures("profiles")
@pytest.mark.skipif(which("fish") is None, reason="needs fish")
@pytest.mark.parametrize("line", ["mfa-tui profiles use wo", "mfa-tui --profile wo", "mfa-tui status --profile wo"])
def test_fish_completes_names_of_profiles(tmp_path: Path, line: str) -> None:
    script = tmp_path / "mfa-tui.fish"
    script.write_text(run_command("completion", "fish").out)
    ask = f"source {script}; complete -C '{line}'"
    said = subprocess.run(["fish", "-c", ask], capture_output=True, text=True, check=True).stdout
    assert [one.split("\t")[0] for one in said.splitlines()] == ["work", "world"]


@pytest.mark.skipif(which("fish") is None, reason="needs fish")
def test_fish_completes_commands(tmp_path: Path) -> None:
    script = tmp_path / "mfa-tui.fish"
    script.write_text(run_command("completion", "fish").out)
    ask = f"source {script}; complete -C 'mfa-tui lo'"
    said = subprocess.run(["fish", "-c", ask], capture_output=True, text=True, check=True).stdout
    assert [line.split("\t")[0] for line in said.splitlines()] == ["login", "logout"]
