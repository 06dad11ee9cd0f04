"""The line mode on a terminal: every action of its menus, and the reason if one is not possible."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest

from tests.line_mode.conftest import StartLineMode
from tests.support.command import run_process
from tests.support.line_mode import LineModeSession
from tests.support.server import Served

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

EMAIL = "ada@example.org"


def verify(session: LineModeSession, codes: dict[int, str]) -> None:
    session.choose("Verify that the codes are saved")
    for _ in range(2):
        asked = re.search(r"characters of code (\d+),", session.read_until("Input is hidden: "))
        assert asked is not None
        session.answer(codes[int(asked[1])][-4:])
    session.read_until("Confirmed.")


def quit_program(session: LineModeSession) -> None:
    session.choose("Quit")
    assert session.end() == 0


def test_line_mode_shows_rotates_saves_verifies_and_uses_codes(start_line_mode: StartLineMode, tmp_path: Path) -> None:
    first = start_line_mode()
    first.read_until("mfa-tui, line by line.\n")
    first.read_until("10 of 10 left.\nNot confirmed yet. ")
    first.choose("Show the codes")
    old = first.read_codes()
    assert sorted(old) == list(range(1, 11))

    first.choose("Rotate: replace all codes with new ones")
    first.read_until("10 unused codes stop working at once")
    first.choose("Keep the existing codes")
    first.read_until("Nothing was changed. ")

    first.choose("Rotate: replace all codes with new ones")
    first.choose("Replace them")
    first.read_until("Rotating: wait for the new codes.\n")
    new = first.read_codes()
    assert len(new) == 10
    assert not set(new.values()) & set(old.values())

    first.choose("Save the codes to a file")
    first.read_until("press Enter: ")
    first.answer(str(tmp_path / "codes.txt"))
    first.read_until(f"Saved to {tmp_path / 'codes.txt'}")
    assert new[7] in (tmp_path / "codes.txt").read_text()

    verify(first, new)
    quit_program(first)

    second = start_line_mode("challenge")
    second.read_until("This sign-in needs a second factor. ")
    second.read_until("Spaces, dashes and case do not matter.")
    second.read_until("Input is hidden: ")
    second.answer(old[1])
    second.read_until("Not accepted")
    second.read_until("Input is hidden: ")
    second.answer(new[3].lower())
    second.read_until("Challenge passed: 9 of 10 left.\n")
    assert second.end() == 0
    assert new[3].replace(" ", "") not in second.output
    assert new[3].lower() not in second.output, "what is typed does not show"
    assert "The recovery code that you typed is used up: cross it out.\n" in second.output

    third = start_line_mode()
    third.read_until("9 of 10 left.\n")
    quit_program(third)


def numbers(session: LineModeSession) -> dict[str, str]:
    offered = session.read_until("\nType a number from 1 to 11, and press Enter: ")
    return {name: number for number, name in re.findall(r"^(\d+)\. (.+)\.$", offered, re.MULTILINE)}


def test_menu_keeps_its_numbers_and_explains_unavailable_actions(
    start_line_mode: StartLineMode, tmp_path: Path
) -> None:
    session = start_line_mode()
    first = numbers(session)
    session.answer(first["Show the codes"])
    codes = session.read_codes()
    verify(session, codes)
    assert numbers(session) == first
    session.answer(first["Verify that the codes are saved"])
    session.read_until("The codes are confirmed already.\n")
    numbers(session)
    session.answer(first["Sign out"])
    session.read_until("Signing out does nothing here")
    session.choose("Save the codes to a file")
    session.read_until("press Enter: ")
    session.answer(str(tmp_path / "codes.txt"))
    said = session.read_until("What next?")
    assert "Saved to" in said
    assert "verify" not in said
    session.choose("Read the codes again")
    session.read_until("10 of 10 left.\n")
    quit_program(session)


def test_challenge_explains_why_none_is_pending(start_line_mode: StartLineMode) -> None:
    session = start_line_mode("challenge")
    session.read_until("Nothing to challenge. ")
    session.read_until("Verify in mfa-tui that they are saved, or run mfa-tui acknowledge.\n")
    assert session.end() == 0


def test_prose_wraps_at_the_edge_but_codes_do_not(start_line_mode: StartLineMode) -> None:
    wide, narrow = start_line_mode(), start_line_mode(columns=40)
    for session in (wide, narrow):
        session.read_until("Enter: ")
        session.answer("1")
        assert len(session.read_codes()) == 10
        session.read_until("Enter: ")
    assert max(map(len, narrow.output.splitlines())) <= 40
    first, second = ("".join(one.output.partition("Signed in as")[1:]) for one in (wide, narrow))
    assert first.split() == second.split()
    assert [line for line in wide.output.splitlines() if len(line) > 40]


def test_spell_prints_words_in_groups(start_line_mode: StartLineMode) -> None:
    session = start_line_mode()
    session.choose("Show the codes")
    codes = session.read_codes()
    session.choose("Spell a code")
    session.read_until("or nothing for all, and press Enter: ")
    session.answer("2")
    said = session.read_until("What next?")
    assert "All letters are capitals.\nCode 2:\n" in said
    groups = said.split("Code 2:\n")[1].splitlines()[:2]
    digits = dict(zip("23456789", ["two", "three", "four", "five", "six", "seven", "eight", "nine"], strict=True))
    heard = [
        "".join(next((d for d, w in digits.items() if w == word), word[0].upper()) for word in group.split())
        for group in groups
    ]
    assert " ".join(heard) == codes[2]
    session.choose("Spell a code")
    session.answer("11")
    session.read_until("No code has that number.")
    session.choose("Quit")
    session.choose("Quit anyway")
    assert session.end() == 0


def test_verification_reports_a_wrong_answer_and_is_declined(start_line_mode: StartLineMode) -> None:
    session = start_line_mode()
    session.choose("Verify that the codes are saved")
    session.read_until("Input is hidden: ")
    session.answer("0000")
    session.read_until("does not end like that")
    session.read_until("Input is hidden: ")
    session.answer()
    session.read_until("Not confirmed.")
    session.choose("Quit")
    session.read_until("These codes are not confirmed.")
    session.choose("Stay")
    session.choose("Quit")
    session.choose("Quit anyway")
    assert session.end() == 0


def test_save_does_not_overwrite_a_file(start_line_mode: StartLineMode, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    session = start_line_mode()
    session.choose("Save the codes to a file")
    session.read_until("press Enter: ")
    session.answer(str(file))
    session.read_until("could not be written: it exists already.")
    session.read_until("What next?")
    assert file.read_text() == "mine"


@pytest.mark.parametrize("answer", ["0", "99", "x", "", "é", "²"])
def test_menu_asks_again_after_an_invalid_choice(start_line_mode: StartLineMode, answer: str) -> None:
    session = start_line_mode()
    session.read_until("and press Enter: ")
    session.answer(answer)
    session.read_until("That is not one of the choices.\n")
    session.read_until("and press Enter: ")


def test_challenge_repeats_an_unusual_code_and_is_given_up(start_line_mode: StartLineMode) -> None:
    session = start_line_mode()
    session.choose("Show the codes")
    verify(session, session.read_codes())
    quit_program(session)
    again = start_line_mode("challenge")
    again.read_until("Input is hidden: ")
    again.answer("ABC")
    again.read_until("This has 3 letters or digits; a recovery code has 10.\n")
    again.read_until("Correct it, or enter the same once more to send it unchanged.\n")
    again.read_until("Input is hidden: ")
    again.answer("ABCD")
    again.read_until("This has 4 letters or digits; a recovery code has 10.\n")
    again.read_until("Input is hidden: ")
    again.answer("ab-cd")
    again.read_until("Correct it, or enter the same once more")
    again.read_until("Input is hidden: ")
    again.answer("abcd")
    again.read_until("Not accepted")
    again.read_until("Input is hidden: ")
    again.answer()
    again.choose("No code?")
    again.read_until("only the operator of this service can help. ")
    again.read_until("Input is hidden: ")
    again.answer()
    again.choose("Give up")
    assert again.end() == 1


def test_line_mode_ends_cleanly_at_the_end_of_input(start_line_mode: StartLineMode) -> None:
    session = start_line_mode()
    session.read_until("and press Enter: ")
    session.program.press("\x04")
    assert session.end() == 1
    assert "Input ended" in session.output


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_line_mode(start_line_mode: StartLineMode, number: signal.Signals) -> None:
    session = start_line_mode()
    session.read_until("and press Enter: ")
    session.program.kill(number)
    assert session.end() == 128 + number
    assert session.program.child.signalstatus is None


@pytest.mark.parametrize(
    "environment", [{"MFA_TUI_PLAIN": "1"}, {"ACCESSIBLE": "1"}, {"TERM": "dumb"}, {"TERM": ""}], ids=str
)
def test_environment_or_terminal_selects_the_line_mode(
    start_line_mode: StartLineMode, environment: dict[str, str]
) -> None:
    session = start_line_mode(plain="", **environment)
    session.read_until("mfa-tui, line by line.\n")


def test_line_mode_refuses_stdin_that_is_not_a_terminal(mfa_tui: str) -> None:
    done = subprocess.run([mfa_tui, "--plain"], input="1\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "stdin is not a terminal" in done.stderr


def sign_in(session: LineModeSession, hosted: Served) -> None:
    session.read_until("A code is on its way")
    session.read_until("Input is hidden: ")
    session.answer(hosted.next_code())


def test_sign_in_asks_for_missing_values_and_resends(start_line_mode: StartLineMode, hosted: Served) -> None:
    session = start_line_mode("--profile", "work", "--api-url", hosted.api_url)
    session.read_until("Type the environment id")
    session.answer("not one")
    session.read_until("That is not a UUID.")
    session.read_until("Type the environment id")
    session.answer(hosted.environment_id)
    session.read_until("Type the e-mail address")
    session.answer(EMAIL)
    session.read_until("A code is on its way")
    session.read_until("Input is hidden: ")
    first = hosted.next_code()
    session.answer()
    session.choose("Send a new code")
    session.read_until("A code is on its way")
    session.read_until("Input is hidden: ")
    second = hosted.next_code()
    session.answer(second)
    session.read_until(f"Signed in as {EMAIL}")
    assert first not in session.output
    assert second not in session.output


def test_authenticator_app_is_added_used_and_removed(start_line_mode: StartLineMode, hosted: Served) -> None:
    session = start_line_mode("--environment-id", hosted.environment_id, "--api-url", hosted.api_url)
    session.read_until("Type the e-mail address")
    session.answer(EMAIL)
    sign_in(session, hosted)
    session.choose("Show the codes")
    codes = session.read_codes()
    session.choose("Authenticator apps and passkeys")
    session.choose("Add an app")
    session.read_until("without the spaces:\n")
    key = session.read_until("\n").replace(" ", "").strip()
    session.choose("Yes")
    session.read_until("All letters are capitals.\n")
    session.read_until("Input is hidden: ")
    session.answer("000000")
    session.read_until("Not accepted")
    session.read_until("Input is hidden: ")
    session.answer(pyotp.TOTP(key).now())
    session.read_until("The app is added")
    session.choose("Back to the codes")
    verify(session, codes)
    session.choose("Sign out")
    session.read_until("Signed out: this machine keeps no session")
    sign_in(session, hosted)
    session.read_until("Type an authenticator code or a recovery code. ")
    session.read_until("Spaces and dashes do not matter.")
    session.read_until("Input is hidden: ")
    session.answer(codes[1])
    session.read_until("Checking the recovery code.\n")
    session.read_until("9 of 10 left.\n")

    session.choose("Authenticator apps and passkeys")
    session.choose("Remove: Authenticator app")
    session.choose("Keep it")
    session.choose("Remove: Authenticator app")
    session.choose("Remove it")
    session.read_until("The app is removed.\n")
    session.read_until("No authenticator app or passkey exists yet.\n")
    session.choose("Back to the codes")
    quit_program(session)


def test_set_that_another_program_replaced_is_shown_instead_of_confirmed(start_line_mode: StartLineMode) -> None:
    session = start_line_mode()
    session.choose("Show the codes")
    old = session.read_codes()
    new = run_process("rotate", "--yes").codes
    session.choose("Verify that the codes are saved")
    for _ in range(2):
        asked = re.search(r"characters of code (\d+),", session.read_until("Input is hidden: "))
        assert asked is not None
        session.answer(old[int(asked[1])][-4:])
    session.read_until("Your codes were replaced meanwhile, by another program or device.")
    assert [code.replace(" ", "") for code in session.read_codes().values()] == new


def test_menu_switches_to_another_profile_and_back(start_line_mode: StartLineMode, hosted: Served, home: Path) -> None:
    folder = home / ".config" / "mfa-tui"
    folder.mkdir(parents=True)
    fields = {"environment_id": hosted.environment_id, "email": EMAIL, "api_url": hosted.api_url}
    table = "".join(f'{name} = "{value}"\n' for name, value in fields.items())
    (folder / "config.toml").write_text(f"[profiles.work]\n{table}")
    session = start_line_mode()
    session.read_until("you@embedded.localhost at built-in service.\n")
    session.choose("Switch to another profile")
    offered = session.read_until(", and press Enter: ")
    assert "1. Stay at embedded: you@embedded.localhost, 10 left, not confirmed.\n" in offered
    assert f"2. work: {EMAIL}.\n" in offered
    session.answer("1")
    session.choose("Switch to another profile")
    session.read_until(", and press Enter: ")
    session.answer("2")
    sign_in(session, hosted)
    session.read_until(f"Signed in as {EMAIL} at work, ")
    session.choose("Show the codes")
    session.read_codes()
    session.choose("Switch to another profile")
    session.read_until("1. Stay at work: ")
    session.read_until(", and press Enter: ")
    session.answer("2")
    session.read_until("you@embedded.localhost at built-in service.\n")
    session.choose("Quit")
    session.choose("Quit anyway")
    assert session.end() == 0


def test_menu_says_how_to_make_another_profile_if_only_one_exists(start_line_mode: StartLineMode) -> None:
    session = start_line_mode()
    session.choose("Switch to another profile")
    session.read_until("This is the only profile. To make one for a hosted environment: mfa-tui --profile NAME.\n")
    session.choose("Quit")
    session.choose("Quit anyway")
    assert session.end() == 0
