"""Passkeys by a hand-off: the program on a terminal, and a page in Chromium with a virtual authenticator."""

import re
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.support.chromium import Chromium, chromium
from tests.support.command import Lines, run_command
from tests.support.program import Program
from tests.support.server import served
from tests.support.terminals import Sshd
from tests.terminal.conftest import Run, Start

F2 = "\x1bOQ"

_LINK = re.compile(r"http://localhost:\d+/handoff#[\w-]{22}")


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        browser.add_authenticator()
        yield browser


def link_on(program: Program) -> str:
    """Wait for a link, and return it."""
    text = program.wait_for("within 120 seconds", "handoff#")
    found = _LINK.search(re.sub(r"[│\s]", "", text))
    assert found
    return found[0]


def code_on(program: Program) -> str:
    found = re.search(r"The page must show the code ([A-Z]{4})\.", program.text)
    assert found
    return found[1]


def open_link(program: Program, page: Chromium) -> None:
    """Open the link in the browser, and compare the codes."""
    page.open(link_on(program))
    assert code_on(program) in page.wait_for("Compare the code")


def ask_for_passkey(program: Program) -> Program:
    """Ask for a link that adds a passkey, on the screen of the factors."""
    program.wait_for("Not confirmed yet")
    program.press("a")
    program.wait_for("Factors", "p Add passkey")
    program.press("p")
    return program


def add_passkey(program: Program, page: Chromium) -> None:
    """Add a passkey on the screen of the factors."""
    program.press("a")
    program.wait_for("Factors", "p Add passkey")
    program.press("p")
    open_link(program, page)
    page.click("use")
    page.wait_for("Done. Go on in your terminal")
    program.wait_for("The passkey is added")


def test_passkey_is_added_and_passes_the_challenge(start: Start, page: Chromium, saved: list[str]) -> None:
    program = start()
    program.wait_for("Second factor")
    program.press(saved[0], "enter")
    program.wait_for("9 of 10 left")
    add_passkey(program, page)
    program.press("escape")
    assert program.quit() == 0
    program = start("challenge")
    program.wait_for("Press F2 to use a passkey")
    program.press(F2)
    open_link(program, page)
    page.click("use")
    page.wait_for("Done. Go on in your terminal")
    assert program.end() == 0
    assert "Challenge passed: 9 of 10 left." in program.text
    assert page.events == []


def test_declined_link_changes_nothing(start: Start, page: Chromium) -> None:
    program = ask_for_passkey(start())
    open_link(program, page)
    page.click("decline")
    page.wait_for("Declined: nothing was changed")
    program.wait_for("The browser declined", "Nothing was changed, and no code is used up.")
    assert page.events == []


def test_link_works_once_and_at_localhost_only(start: Start, page: Chromium) -> None:
    program = ask_for_passkey(start())
    link = link_on(program)
    page.open(link.replace("localhost", "127.0.0.1"))
    page.wait_for("Passkeys do not work at an IP address")
    open_link(program, page)
    assert page.evaluate("location.href") == link.partition("#")[0]
    page.open(link)
    page.wait_for("This link was opened before, and works once")
    program.press("escape")
    program.wait_for("No app or passkey yet")


def test_page_says_that_the_terminal_has_gone_back(start: Start, page: Chromium) -> None:
    program = ask_for_passkey(start())
    open_link(program, page)
    program.press("escape")
    page.wait_for("Your terminal has gone back: nothing was changed.")
    program.wait_for("No app or passkey yet")


def test_page_says_that_the_terminal_is_gone(start: Start, page: Chromium) -> None:
    program = ask_for_passkey(start())
    open_link(program, page)
    program.kill(SIGKILL)
    page.wait_for("The service does not respond. If your terminal has ended, nothing was changed.")


def test_second_link_in_the_same_tab_opens(start: Start, page: Chromium) -> None:
    program = ask_for_passkey(start())
    open_link(program, page)
    program.press("escape")
    page.wait_for("Your terminal has gone back")
    program.wait_for("No app or passkey yet", "p Add passkey")
    program.press("p")
    open_link(program, page)


def test_key_with_a_passkey_already_keeps_the_terminal_waiting(start: Start, page: Chromium) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    add_passkey(program, page)
    program.wait_for("p Add passkey")
    program.press("p")
    open_link(program, page)
    page.click("use")
    page.wait_for("This device or key has a passkey for this account already.")
    program.wait_for("Continue in a browser")


def test_browser_without_the_passkey_keeps_the_terminal_waiting(start: Start, page: Chromium, saved: list[str]) -> None:
    program = start()
    program.wait_for("Second factor")
    program.press(saved[0], "enter")
    program.wait_for("9 of 10 left")
    add_passkey(program, page)
    program.press("escape")
    assert program.quit() == 0
    page.remove_authenticators()
    page.add_authenticator()
    program = start("challenge")
    program.wait_for("Press F2 to use a passkey")
    program.press(F2)
    open_link(program, page)
    page.click("use")
    page.wait_for("No passkey was used")
    program.press("escape")
    program.wait_for("Press F2 to use a passkey")
    program.press(saved[1], "enter")
    assert program.end() == 0


def test_passkey_is_added_over_an_ssh_tunnel(run: Run, sshd: Sshd, remote: str, tmp_path: Path) -> None:
    program = ask_for_passkey(run(*sshd.command(remote), size=(100, 24)))
    link = link_on(program)
    port = int(link.split(":")[2].split("/")[0])
    assert f"ssh -N -L {port}:127.0.0.1:{port} -p {sshd.port} " in program.text
    # This machine is both ends, and the port is taken at 127.0.0.1.
    with sshd.tunnel("127.0.0.2", port), chromium(tmp_path, "--host-resolver-rules=MAP localhost 127.0.0.2") as page:
        page.add_authenticator()
        open_link(program, page)
        page.click("use")
        page.wait_for("Done. Go on in your terminal")
    program.wait_for("The passkey is added")


def test_use_passes_the_challenge_by_passkey(start: Start, page: Chromium, saved: list[str]) -> None:
    program = start("challenge")
    program.wait_for("Second factor")
    program.press(saved[0], "enter")
    assert program.end() == 0
    program = start()
    program.wait_for("9 of 10 left")
    add_passkey(program, page)
    program.press("escape")
    assert program.quit() == 0
    assert start("logout").end() == 0
    program = start("use", "--passkey", size=(120, 24))
    program.wait_for("within 120 seconds", "handoff#")
    open_link(program, page)
    page.click("use")
    page.wait_for("Done. Go on in your terminal")
    assert program.end() == 0


def test_use_by_passkey_needs_a_terminal() -> None:
    result = run_command("use", "--passkey")
    assert (result.code, "stdin is not one" in result.err) == (2, True)


def test_page_over_plain_http_at_a_name_leaves_the_link_usable(start: Start, tmp_path: Path) -> None:
    program = ask_for_passkey(start())
    link = link_on(program)
    with chromium(tmp_path, "--host-resolver-rules=MAP mfa.test 127.0.0.1") as page:
        page.add_authenticator()
        page.open(link.replace("localhost", "mfa.test"))
        page.wait_for("Passkeys work only over https, or at localhost.")
        open_link(program, page)
        page.click("use")
        page.wait_for("Done. Go on in your terminal")
    program.wait_for("The passkey is added")


@pytest.mark.usefixtures("home")
def test_link_outlives_a_restart_of_the_service(start: Start, page: Chromium, tmp_path: Path) -> None:
    with served(tmp_path / "service") as service:
        login = ("login", "--email", "ada@example.org", *service.flags)
        assert run_command(*login, stdin=Lines(service.next_code)).code == 0
        program = ask_for_passkey(start(*service.flags))
        open_link(program, page)
        service.kill()
    page.wait_for("The service does not respond.")
    with served(tmp_path / "service", int(service.api_url.split(":")[2].split("/")[0])):
        page.click("use")
        page.wait_for("Done. Go on in your terminal")
        program.wait_for("The passkey is added")
