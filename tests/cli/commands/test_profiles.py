import json
from pathlib import Path

import pytest

from tests.support.command import lost_rotation, run_command, run_with_faults

CONFIG = """[profiles.work]
environment_id = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
email = "me@example.org"
"""


@pytest.fixture(autouse=True)
def config(home: Path) -> Path:
    path = home / ".config" / "mfa-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG)
    return path


def test_profiles_list_account_codes_and_confirmation(saved: list[str]) -> None:
    run_command("use", stdin=saved[0])
    built_in, work = json.loads(run_command("profiles", "--json").out)["profiles"]
    assert (built_in["name"], built_in["isDefault"], built_in["count"]) == ("embedded", True, 9)
    assert built_in["lastSeen"] is not None
    assert (work["account"], work["count"], work["lastSeen"]) == ("me@example.org", None, None)
    listed = run_command("profiles").out.splitlines()
    assert listed[0].startswith("* embedded: you@embedded.localhost, 9 left, ")
    assert listed[1] == "  work: me@example.org"


def test_profiles_claim_nothing_of_codes_that_may_be_replaced(saved: list[str]) -> None:
    run_command("use", stdin=saved[0])
    run_with_faults(lost_rotation(), "rotate", "--yes")
    built_in, _ = json.loads(run_command("profiles", "--json").out)["profiles"]
    assert (built_in["count"], built_in["confirmed"], built_in["rotationOpen"]) == (None, None, True)
    assert "embedded: you@embedded.localhost, a rotation is not finished" in run_command("profiles").out


def test_profiles_use_makes_a_profile_the_default(config: Path) -> None:
    assert run_command("profiles", "use", "work").code == 0
    assert config.read_text() == f'profile = "work"\n\n{CONFIG}'
    assert [one["isDefault"] for one in json.loads(run_command("profiles", "--json").out)["profiles"]] == [False, True]
    assert run_command("profiles", "use", "embedded").code == 0


def test_profiles_remove_deletes_a_profile_and_its_default(config: Path) -> None:
    run_command("profiles", "use", "work")
    assert run_command("profiles", "remove", "work").code == 0
    assert "work" not in config.read_text()
    assert len(json.loads(run_command("profiles", "--json").out)["profiles"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["use", "wrok"], "Did you mean work?"), (["use"], "No profile is named"), (["remove", "embedded"], "cannot be")],
)
def test_profiles_refuse_a_wrong_name(arguments: list[str], message: str) -> None:
    result = run_command("profiles", *arguments)
    assert result.code == 2
    assert message in result.err


def test_profiles_list_leaves_a_damaged_record_alone(saved: list[str], home: Path) -> None:
    run_command("use", stdin=saved[0])
    (record,) = (home / ".local/state/mfa-tui/sets").glob("*.json")
    record.write_text("damaged")
    (built_in, _) = json.loads(run_command("profiles", "--json").out)["profiles"]
    assert built_in["lastSeen"] is not None
    assert built_in["count"] is None
    assert record.read_text() == "damaged"
