"""A small run of the campaign in `hostile_responses`; a longer one is started by hand."""

from pathlib import Path

import pytest

from tests.faults.hostile_responses import press_keys, run_commands


@pytest.mark.parametrize("seed", range(3))
def test_commands_end_properly_whatever_the_service_sends(seed: int, tmp_path: Path) -> None:
    assert run_commands(seed, tmp_path / "home", 12).total() == 12


@pytest.mark.parametrize("seed", range(3))
async def test_screens_go_on_whatever_the_service_sends(seed: int, tmp_path: Path) -> None:
    await press_keys(seed, tmp_path / "home", 20)
