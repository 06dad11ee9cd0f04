"""A program that asks for a passphrase itself gets the terminal from the screens, and gives it back."""

from pathlib import Path

from tests.support.command import run_command
from tests.support.terminals import require
from tests.terminal.conftest import Start


def test_screens_lend_the_terminal_to_age(start: Start, tmp_path: Path) -> None:
    require("age")
    program = start()
    program.wait_for("Not confirmed yet")
    program.press("s")
    program.wait_for("Save the codes")
    program.press("\x05\x15", f"{tmp_path}/codes.age", "enter")
    for prompt in ("leave empty to autogenerate", "Confirm passphrase", "Enter passphrase:"):
        program.wait_for(prompt)
        program.press("a passphrase", "enter")
    program.wait_for("Recovery codes", "10 of 10 left", "Saved to", "age:/", "verify that they are saved")
    program.press("h")
    program.wait_for("•••••")
    assert program.quit() == 0
    assert (tmp_path / "codes.age").read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----")


def test_screens_ask_for_the_password_of_keepassxc(start: Start, database: Path) -> None:
    place = f"keepassxc:{database}:mfa"
    program = start()
    program.wait_for("Not confirmed yet")
    program.press("s")
    program.wait_for("Save the codes")
    program.press("\x05\x15", place, "enter")
    program.wait_for("Password of")
    program.press("password", "enter")
    program.wait_for("Saved to", "keepassxc:/")
    assert program.quit() == 0
    assert run_command("check", place, stdin="password\n").code == 0
