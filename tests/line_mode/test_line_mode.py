"""All jobs of the screens, line by line."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest

from tests.line_mode.conftest import Talk
from tests.support.line_mode import Conversation
from tests.support.server import Served

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

EMAIL = "ada@example.org"


def prove(conversation: Conversation, codes: dict[int, str]) -> None:
    conversation.choose("Prove that the codes are saved")
    for _ in range(2):
        asked = re.search(r"characters of code (\d+),", conversation.hear(", which do not show"))
        assert asked is not None
        conversation.answer(codes[int(asked[1])][-4:])
    conversation.hear("Saved.")


def leave(conversation: Conversation) -> None:
    conversation.choose("Leave")
    assert conversation.end() == 0


def test_the_whole_life_of_a_set(talk: Talk, tmp_path: Path) -> None:
    first = talk()
    first.hear("mfa-tui, line by line.\n")
    first.hear("10 of 10 left.\nNot saved yet.\n")
    first.choose("Say the codes")
    old = first.hear_codes()
    assert sorted(old) == list(range(1, 11))

    first.choose("Make new codes, in place of all")
    first.hear("10 unused codes stop working at once")
    first.choose("Keep the existing codes")
    first.hear("Nothing was changed.\n")

    first.choose("Make new codes, in place of all")
    first.choose("Replace them")
    first.hear("Making new codes.\n")
    new = first.hear_codes()
    assert len(new) == 10
    assert not set(new.values()) & set(old.values())

    first.choose("Save the codes to a file")
    first.hear("press Enter: ")
    first.answer(str(tmp_path / "codes.txt"))
    first.hear(f"Saved to {tmp_path / 'codes.txt'}")
    assert new[7] in (tmp_path / "codes.txt").read_text()

    prove(first, new)
    leave(first)

    second = talk("challenge")
    second.hear("This sign-in needs a second factor.\n")
    second.hear("Spaces, dashes and case do not matter.")
    second.hear("and press Enter: ")
    second.answer(old[1])
    second.hear("Not accepted")
    second.hear("and press Enter: ")
    second.answer(new[3].lower())
    second.hear("Challenge passed.\n9 of 10 left.\n")
    assert second.end() == 0
    assert new[3].replace(" ", "") not in second.said
    assert new[3].lower() not in second.said, "what is typed does not show"
    assert "The recovery code that you typed is spent: cross it out.\n" in second.said

    third = talk()
    third.hear("9 of 10 left.\n")
    leave(third)


def numbers(conversation: Conversation) -> dict[str, str]:
    offered = conversation.hear("\nType a number from 1 to 10, and press Enter: ")
    return {name: number for number, name in re.findall(r"^(\d+)\. (.+)\.$", offered, re.MULTILINE)}


def test_each_choice_keeps_its_number_and_what_cannot_be_done_now_says_why(talk: Talk, tmp_path: Path) -> None:
    conversation = talk()
    first = numbers(conversation)
    conversation.answer(first["Say the codes"])
    codes = conversation.hear_codes()
    prove(conversation, codes)
    assert numbers(conversation) == first
    conversation.answer(first["Prove that the codes are saved"])
    conversation.hear("The codes are said to be saved already.\n")
    numbers(conversation)
    conversation.answer(first["Sign out"])
    conversation.hear("There is nothing to sign out of")
    conversation.choose("Save the codes to a file")
    conversation.hear("press Enter: ")
    conversation.answer(str(tmp_path / "codes.txt"))
    said = conversation.hear("What next?")
    assert "Saved to" in said
    assert "prove" not in said
    conversation.choose("Ask the service again")
    conversation.hear("10 of 10 left.\n")
    leave(conversation)


def test_with_nothing_to_challenge_it_says_how_to_come_to_one(talk: Talk) -> None:
    conversation = talk("challenge")
    conversation.hear("Nothing to challenge.\n")
    conversation.hear("with p on the screen of the codes, by proving it here, or with mfa-tui acknowledge.\n")
    assert conversation.end() == 0


def test_lines_break_between_words_at_the_edge_of_the_terminal_and_codes_nowhere(talk: Talk) -> None:
    wide, narrow = talk(), talk(columns=40)
    for conversation in (wide, narrow):
        conversation.hear("Enter: ")
        conversation.answer("1")
        assert len(conversation.hear_codes()) == 10
        conversation.hear("Enter: ")
    assert max(map(len, narrow.said.splitlines())) <= 40
    first, second = ("".join(one.said.partition("Signed in as")[1:]) for one in (wide, narrow))
    assert first.split() == second.split()
    assert [line for line in wide.said.splitlines() if len(line) > 40]


def test_codes_are_spelled_in_groups(talk: Talk) -> None:
    conversation = talk()
    conversation.choose("Say the codes")
    codes = conversation.hear_codes()
    conversation.choose("Spell a code")
    conversation.hear("or nothing for all, and press Enter: ")
    conversation.answer("2")
    said = conversation.hear("What next?")
    assert "All letters are capitals.\nCode 2:\n" in said
    groups = said.split("Code 2:\n")[1].splitlines()[:2]
    digits = dict(zip("23456789", ["two", "three", "four", "five", "six", "seven", "eight", "nine"], strict=True))
    heard = [
        "".join(next((d for d, w in digits.items() if w == word), word[0].upper()) for word in group.split())
        for group in groups
    ]
    assert " ".join(heard) == codes[2]
    conversation.choose("Spell a code")
    conversation.answer("11")
    conversation.hear("There is no code of that number.")
    conversation.choose("Leave")
    conversation.choose("Leave all the same")
    assert conversation.end() == 0


def test_a_wrong_proof_is_told_and_nothing_goes_back(talk: Talk) -> None:
    conversation = talk()
    conversation.choose("Prove that the codes are saved")
    conversation.hear("which do not show")
    conversation.answer("0000")
    conversation.hear("That is not how code")
    conversation.hear("and press Enter: ")
    conversation.answer()
    conversation.hear("The codes still count as not saved.")
    conversation.choose("Leave")
    conversation.hear("These codes are not proven saved.")
    conversation.choose("Stay")
    conversation.choose("Leave")
    conversation.choose("Leave all the same")
    assert conversation.end() == 0


def test_a_file_that_is_there_is_not_written_over(talk: Talk, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    conversation = talk()
    conversation.choose("Save the codes to a file")
    conversation.hear("press Enter: ")
    conversation.answer(str(file))
    conversation.hear("could not be written: it exists already.")
    conversation.hear("What next?")
    assert file.read_text() == "mine"


@pytest.mark.parametrize("answer", ["0", "99", "x", "", "é", "²"])
def test_what_is_no_choice_is_asked_again(talk: Talk, answer: str) -> None:
    conversation = talk()
    conversation.hear("and press Enter: ")
    conversation.answer(answer)
    conversation.hear("That is none of the choices.\n")
    conversation.hear("and press Enter: ")


def test_a_challenge_is_given_up(talk: Talk) -> None:
    conversation = talk()
    conversation.choose("Say the codes")
    prove(conversation, conversation.hear_codes())
    leave(conversation)
    again = talk("challenge")
    again.hear("and press Enter: ")
    again.answer("ABC")
    again.hear("This has 3 letters or digits; a recovery code has 10.\n")
    again.hear("Type it again, or type the same once more to send it unchanged.\n")
    again.hear("and press Enter: ")
    again.answer("ABCD")
    again.hear("This has 4 letters or digits; a recovery code has 10.\n")
    again.hear("and press Enter: ")
    again.answer("ab-cd")
    again.hear("Type it again, or type the same once more")
    again.hear("and press Enter: ")
    again.answer("abcd")
    again.hear("Not accepted")
    again.hear("and press Enter: ")
    again.answer()
    again.choose("Hear whom to ask if you have none")
    again.hear("only the people behind this service can help.\n")
    again.hear("and press Enter: ")
    again.answer()
    again.choose("Give up")
    assert again.end() == 1


def test_end_of_input_is_a_clean_refusal(talk: Talk) -> None:
    conversation = talk()
    conversation.hear("and press Enter: ")
    conversation.program.press("\x04")
    assert conversation.end() == 1
    assert "Input ended" in conversation.said


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(talk: Talk, number: signal.Signals) -> None:
    conversation = talk()
    conversation.hear("and press Enter: ")
    conversation.program.kill(number)
    assert conversation.end() == 128 + number
    assert conversation.program.child.signalstatus is None


@pytest.mark.parametrize(
    "environment", [{"MFA_TUI_PLAIN": "1"}, {"ACCESSIBLE": "1"}, {"TERM": "dumb"}, {"TERM": ""}], ids=str
)
def test_the_environment_or_the_terminal_asks_for_it(talk: Talk, environment: dict[str, str]) -> None:
    conversation = talk(plain="", **environment)
    conversation.hear("mfa-tui, line by line.\n")


def test_where_stdin_is_no_terminal_it_says_so_and_asks_nothing(mfa_tui: str) -> None:
    done = subprocess.run([mfa_tui, "--plain"], input="1\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "stdin is no terminal" in done.stderr


def sign_in(conversation: Conversation, hosted: Served) -> None:
    conversation.hear("A code is on its way")
    conversation.hear("and press Enter: ")
    conversation.answer(hosted.next_code())


def test_signing_in_asks_for_what_is_not_known_and_sends_again(talk: Talk, hosted: Served) -> None:
    conversation = talk("--profile", "work", "--api-url", hosted.api_url)
    conversation.hear("Type the environment's id")
    conversation.answer("not one")
    conversation.hear("That is not a UUID.")
    conversation.hear("Type the environment's id")
    conversation.answer(hosted.environment_id)
    conversation.hear("Type your e-mail address")
    conversation.answer(EMAIL)
    conversation.hear("A code is on its way")
    conversation.hear("and press Enter: ")
    first = hosted.next_code()
    conversation.answer()
    conversation.choose("Have a new code sent")
    conversation.hear("A code is on its way")
    conversation.hear("and press Enter: ")
    second = hosted.next_code()
    conversation.answer(second)
    conversation.hear(f"Signed in as {EMAIL}")
    assert first not in conversation.said
    assert second not in conversation.said


def test_an_authenticator_app_is_added_used_and_removed(talk: Talk, hosted: Served) -> None:
    conversation = talk("--environment-id", hosted.environment_id, "--api-url", hosted.api_url)
    conversation.hear("Type your e-mail address")
    conversation.answer(EMAIL)
    sign_in(conversation, hosted)
    conversation.choose("Say the codes")
    codes = conversation.hear_codes()
    conversation.choose("Authenticator apps")
    conversation.choose("Add an app")
    conversation.hear("without the spaces:\n")
    key = conversation.hear("\n").replace(" ", "").strip()
    conversation.choose("Yes")
    conversation.hear("All letters are capitals.\n")
    conversation.hear("nothing to stop: ")
    conversation.answer("000000")
    conversation.hear("Not accepted")
    conversation.hear("nothing to stop: ")
    conversation.answer(pyotp.TOTP(key).now())
    conversation.hear("The app is added")
    conversation.choose("Back to the codes")
    prove(conversation, codes)
    conversation.choose("Sign out")
    conversation.hear("Signed out.")
    sign_in(conversation, hosted)
    conversation.hear("It takes an authenticator code or a recovery code.\n")
    conversation.hear("Spaces and dashes do not matter.")
    conversation.hear("and press Enter: ")
    conversation.answer(codes[1])
    conversation.hear("Taken for: recovery code.\n")
    conversation.hear("9 of 10 left.\n")

    conversation.choose("Authenticator apps")
    conversation.choose("Remove: Authenticator app")
    conversation.choose("Remove it")
    conversation.hear("This action asks for a factor once more.\n")
    conversation.hear("and press Enter: ")
    conversation.answer(codes[2])
    conversation.hear("The recovery code that you typed is spent: cross it out.\n8 of 10 left.\n")
    conversation.hear("It is removed.\n")
    conversation.hear("There is no authenticator app yet.\n")
    conversation.choose("Back to the codes")
    leave(conversation)
