"""The README's picture is what one sees."""

import re
from pathlib import Path

from mfa_tui.account.account import Account
from tests.tui.conftest import Watch

README = Path(__file__).parent.parent.parent / "README.md"

CODE = re.compile(r"[A-Z2-9]{5} [A-Z2-9]{5}")


def without_codes(lines: list[str]) -> list[str]:
    return [CODE.sub("XXXXX XXXXX", line.strip()) for line in lines]


async def test_the_picture_in_the_readme_is_what_one_sees(account: Account, watch: Watch) -> None:
    pictured = without_codes(README.read_text().split("terminal or over SSH.\n", 1)[1].splitlines()[1:14])
    async with watch(account) as watching:
        await watching.until(lambda: without_codes(watching.text.splitlines()[1:14]) == pictured, "the picture")
