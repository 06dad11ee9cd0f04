"""Passkeys by a hand-off: the program on a terminal, and a page in Chromium with a virtual authenticator."""

import re
from collections.abc import Iterator

import pytest

from tests.support.chromium import Chromium, chromium
from tests.support.program import Program
from tests.terminal.conftest import Start

_LINK = re.compile(r"http://localhost:\d+/handoff#[\w-]{22}")


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        browser.add_authenticator()
        yield browser


def link_on(program: Program) -> str:
    """Wait for a link, and return it."""
    text = program.wait_for("Continue in a browser", "within 120 seconds")
    found = _LINK.search(re.sub(r"[│\s]", "", text))
    assert found
    return found[0]


def code_on(program: Program) -> str:
    found = re.search(r"The page must show this code: ([A-Z]{4})\.", program.text)
    assert found
    return found[1]


def open_link(program: Program, page: Chromium) -> None:
    """Open the link in the browser, and compare the codes."""
    page.open(link_on(program))
    assert code_on(program) in page.wait_for("Compare the code")


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
    program.press("\x1bOQ")
    open_link(program, page)
    page.click("use")
    page.wait_for("Done. Go on in your terminal")
    assert program.end() == 0
    assert "Challenge passed: 9 of 10 left." in program.text
    assert page.events == []
