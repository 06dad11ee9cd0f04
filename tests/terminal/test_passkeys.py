"""Passkeys by a hand-off: the program on a terminal, and a page in Chromium with a virtual authenticator."""

import getpass
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGKILL
from urllib.parse import urlsplit

import pytest

from tests.support.chromium import Chromium, chromium
from tests.support.command import Lines, run_command
from tests.support.program import Program
from tests.support.server import served
from tests.support.terminals import Sshd
from tests.terminal.conftest import Run, Start

F2 = "\x1bOQ"

AXE = Path(__file__).parents[1] / "vendor" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """
    axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))
"""

OFFER_ANY_PASSKEY = """
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = ({ publicKey }) => get({ publicKey: { ...publicKey, allowCredentials: [] } });
"""
"""Has the page ask for any passkey of its domain, and not for one of the account."""

_LINK = re.compile(r"http://localhost:\d+/handoff#[\w-]{22}")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser: Chromium) -> Chromium:
    """A new page with an authenticator that has no passkey."""
    browser.replace_page()
    browser.add_authenticator()
    return browser


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


def ask_for_step_up(program: Program, folder: Path) -> None:
    """Ask for a link that steps up, to remove the passkey on the screen of the factors."""
    change_database(folder, "UPDATE sessions SET proved_at = 0")
    program.press("x")
    program.wait_for("Remove Passkey?")
    program.press("\t", "enter")
    program.wait_for("Confirm your identity", "Press F2 to use a passkey")
    program.press(F2)


def is_refused(program: Program, page: Chromium) -> None:
    """Use a passkey on the page of a step-up, and see both sides say that it is not accepted."""
    page.click("use")
    page.wait_for("The service did not accept this passkey, and nothing was changed. Your terminal says why.")
    program.wait_for("The passkey was not accepted", "Your codes are unchanged.")
    program.press("escape")
    program.wait_for("This was not done: you did not confirm your identity.", "Passkey  ")


def change_database(folder: Path, statement: str) -> None:
    """Change the database of the service that has its data in a folder, or below."""
    (database,) = folder.rglob("mfa.sqlite3")
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(statement).rowcount > 0


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


def test_page_at_an_ip_address_leaves_the_link_usable(start: Start, page: Chromium) -> None:
    program = ask_for_passkey(start())
    link = link_on(program)
    page.open(link.replace("localhost", "127.0.0.1"))
    page.wait_for("Passkeys do not work at an IP address")
    open_link(program, page)
    assert page.evaluate("location.href") == link.partition("#")[0]
    page.click("use")
    page.wait_for("Done. Go on in your terminal")
    program.wait_for("The passkey is added")


def test_link_that_is_opened_twice_ends(start: Start, page: Chromium, tmp_path: Path) -> None:
    program = ask_for_passkey(start())
    link = link_on(program)
    open_link(program, page)
    with chromium(tmp_path) as other:
        other.open(link)
        other.wait_for("This link was opened before, and works once. Start again in your terminal")
    page.wait_for("This link was opened a second time, so it has ended: nothing was changed.")
    program.wait_for("The link was opened a second time", "Nothing was changed, and no code is used up.")


def test_expired_link_says_so_on_both_sides(start: Start, page: Chromium, home: Path) -> None:
    program = ask_for_passkey(start())
    open_link(program, page)
    change_database(home, "UPDATE handoffs SET expires_at = 0")
    page.wait_for("The time is over, or the terminal has ended: nothing was changed.")
    program.wait_for("The link has expired", "Nothing was changed, and no code is used up.")


@pytest.mark.skipif(not AXE.exists(), reason="needs the packages of tests/vendor/package.json")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible(start: Start, page: Chromium, scheme: str) -> None:
    page.set_scheme(scheme)
    open_link(ask_for_passkey(start()), page)
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []
    page.click("decline")
    page.wait_for("Declined: nothing was changed")
    assert page.evaluate(VIOLATIONS) == []
    assert page.events == []


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


def test_passkey_steps_up_before_a_removal(start: Start, page: Chromium, home: Path) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    add_passkey(program, page)
    ask_for_step_up(program, home)
    open_link(program, page)
    page.click("use")
    page.wait_for("Done. Go on in your terminal")
    program.wait_for("The passkey is removed here")
    assert page.events == []


def test_passkey_whose_counter_goes_back_is_refused(start: Start, page: Chromium, home: Path) -> None:
    program = start()
    program.wait_for("Not confirmed yet")
    add_passkey(program, page)
    page.reset_counter()
    ask_for_step_up(program, home)
    open_link(program, page)
    is_refused(program, page)


@pytest.mark.usefixtures("home")
def test_passkey_of_another_account_is_refused(start: Start, page: Chromium, tmp_path: Path) -> None:
    programs: list[Program] = []
    with served(tmp_path / "service") as service:
        for name in ("ada", "bob"):
            page.clear_passkeys()
            home = tmp_path / name
            home.mkdir()
            login = ("login", "--email", f"{name}@example.org", *service.flags)
            assert run_command(*login, stdin=Lines(service.next_code), HOME=str(home)).code == 0
            programs.append(start(*service.flags, HOME=str(home)))
            programs[-1].wait_for("Not confirmed yet")
            add_passkey(programs[-1], page)
        ask_for_step_up(programs[0], tmp_path)
        open_link(programs[0], page)
        page.evaluate(OFFER_ANY_PASSKEY)
        is_refused(programs[0], page)


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
    program = start("use", "--passkey", size=(50, 24), SSH_CONNECTION="192.0.2.1 50000 192.0.2.2 2222")
    open_link(program, page)
    port = urlsplit(link_on(program)).port
    assert f"ssh -N -L {port}:127.0.0.1:{port} -p 2222 {getpass.getuser()}@192.0.2.2\r\n".encode() in program.sent
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
