"""The text of the main screens, compared with test_snapshots.ambr; update with `pytest --snapshot-update`."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.transport import READ, changes
from tests.tui.conftest import Hosted, ShowApp
from tests.tui.test_factors import be_challenged, save, sign_in

SIZES = [(80, 24), (40, 12)]
ENVIRONMENT_ID = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
PROFILES = ["work", "club"]
CODES = [f"{letter * 5}{digit * 5}" for letter, digit in zip("ABCDEFGHJK", "2345678923", strict=True)]

pytestmark = pytest.mark.parametrize("size", SIZES, ids=["80x24", "40x12"])


@pytest.fixture(autouse=True)
def no_printer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the commands of this machine, so that the same keys are offered everywhere."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
async def signed_in(hosted: Hosted) -> Hosted:
    """A signed-in account with the same ten codes in every test."""
    await sign_in(hosted)
    hosted.network.faults[READ] = changes(lambda body: body | {"recoveryCodes": CODES})
    return hosted


async def test_codes_screen_matches(
    signed_in: Hosted, show_app: ShowApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with show_app(signed_in.account, size=size) as pilot:
        await pilot.wait_for_text("10 of 10 left", "AAAAA 22222")
        assert await pilot.settled_text() == snapshot


async def test_help_screen_matches(
    signed_in: Hosted, show_app: ShowApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with show_app(signed_in.account, size=size) as pilot:
        await pilot.wait_for_text("10 of 10 left", "AAAAA 22222")
        await pilot.press("question_mark")
        await pilot.wait_for_text("Keys")
        assert await pilot.settled_text() == snapshot


async def test_rotate_screen_matches(
    signed_in: Hosted, show_app: ShowApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with show_app(signed_in.account, size=size) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("R")
        await pilot.wait_for_text("Replace all recovery codes?")
        assert await pilot.settled_text() == snapshot


async def test_sign_in_screen_matches(
    hosted: Hosted, show_app: ShowApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    hosted.account.select_environment(ENVIRONMENT_ID, "me@example.org")
    async with show_app(hosted.account, size=size) as pilot:
        await pilot.wait_for_text("A code will be sent")
        assert await pilot.settled_text() == snapshot


async def test_challenge_screen_matches(
    hosted: Hosted, show_app: ShowApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    await save(hosted)
    async with show_app(hosted.account, size=size) as pilot:
        await be_challenged(hosted, pilot)
        assert await pilot.settled_text() == snapshot


async def test_profiles_screen_matches(
    signed_in: Hosted, show_app: ShowApp, snapshot: SnapshotAssertion, home: Path, size: tuple[int, int]
) -> None:
    folder = home / ".config" / "mfa-tui"
    folder.mkdir(parents=True)
    table = f'environment_id = "{ENVIRONMENT_ID}"\nemail = '
    (folder / "config.toml").write_text(
        f'[profiles.work]\n{table}"me@example.org"\n[profiles.club]\n{table}"ada@example.org"\n'
    )
    async with show_app(signed_in.account, size=size) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("p")
        await pilot.wait_for_text("Profiles")
        assert await pilot.settled_text() == snapshot
