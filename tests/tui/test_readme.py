"""The README shows the codes screen."""

import re
from pathlib import Path

from mfa_tui.account.account import Account
from tests.tui.conftest import ShowApp

README = Path(__file__).parent.parent.parent / "README.md"

CODE = re.compile(r"[A-Z2-9]{5} [A-Z2-9]{5}")


def without_codes(lines: list[str]) -> list[str]:
    return [CODE.sub("XXXXX XXXXX", line.strip()) for line in lines]


async def test_readme_shows_the_codes_screen(account: Account, show_app: ShowApp) -> None:
    pictured = without_codes(README.read_text().split("terminal or over SSH.\n", 1)[1].splitlines()[1:14])
    async with show_app(account) as pilot:
        await pilot.wait_until(lambda: without_codes(pilot.text.splitlines()[1:14]) == pictured, "the picture")
