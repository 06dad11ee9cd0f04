"""The README's pictures show the running program; `pytest --snapshot-update` draws them anew."""

from pathlib import Path

import pytest

from tests.support.picture import PALETTES, picture
from tests.support.transport import READ, changes
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import sign_in

PICTURES = Path(__file__).parent.parent.parent / ".github" / "pictures"
CODES = "XKLP8KTK3T 2GSW4PMHZY 7NYR3N4AFD L753UUZ9CA NR3F5EXJ7N 3BGBVLE2AY TVM3NBAJHD YM7XEL79AY 4E592P5K27 ZRE7E2T5PY"


@pytest.mark.parametrize("palette", PALETTES)
async def test_picture_shows_the_codes_screen(
    hosted: Hosted,
    show_app: ShowApp,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    palette: str,
) -> None:
    monkeypatch.setenv("PATH", "")  # the keys depend on the commands of the machine
    await sign_in(hosted)
    hosted.network.faults[READ] = changes(lambda body: body | {"recoveryCodes": CODES.split()})
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left", "XKLP8 KTK3T")
        await pilot.settled_text()
        drawn = picture(pilot.app, palette)
    file = PICTURES / f"codes-{palette}.svg"
    if request.config.getoption("update_snapshots"):
        file.write_text(drawn)
    assert drawn == file.read_text()
