import json
from pathlib import Path

import msgspec
import pytest

from mfa_tui.cli.command_table import COMMANDS
from mfa_tui.cli.commands.status import StatusReport
from tests.cli.commands.conftest import use_up
from tests.support.command import lost_rotation, run_command, run_with_faults
from tests.support.transport import READ, lost_before


def test_status_creates_no_codes() -> None:
    status = json.loads(run_command("status", "--json").out)
    assert status["count"] is None
    assert status["acknowledgementPending"] is None
    assert "none made yet" in run_command("status").out


def test_status_never_prints_a_code(codes: list[str]) -> None:
    for arguments in (["status"], ["status", "--json"]):
        said = run_command(*arguments)
        assert said.code == 0
        assert not [code for code in codes if code in said.out + said.err]


@pytest.mark.usefixtures("saved")
def test_status_stores_no_session_with_a_pending_challenge() -> None:
    result = run_command("status", "--json")
    status = json.loads(result.out)
    assert result.code == 4
    assert status["challengePending"] is True
    assert (status["count"], status["expiresAt"]) == (None, None)
    assert "pending" in run_command("status").out


def test_status_names_the_environment_if_no_user_is_signed_in() -> None:
    environment = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
    result = run_command(
        "status", "--json", MFA_TUI_API_URL="http://127.0.0.1:9/api/v0", MFA_TUI_ENVIRONMENT_ID=environment
    )
    status = json.loads(result.out)
    assert result.code == 3
    assert (status["signedIn"], status["email"], status["environmentId"]) == (False, None, environment)


@pytest.mark.usefixtures("codes")
def test_status_ends_with_7_if_a_rotation_is_unknown() -> None:
    run_with_faults(lost_rotation(), "rotate", "--yes")
    result = run_with_faults({READ: lost_before}, "status", "--json")
    assert (result.code, json.loads(result.out)["rotationInDoubt"]) == (7, True)


def test_help_of_status_explains_every_field() -> None:
    (status,) = (command for command in COMMANDS if command.name == "status")
    words = status.details.replace(",", "").split()
    assert [field for field in msgspec.json.decode(msgspec.json.encode(_a_status())) if field not in words] == []


def _a_status() -> StatusReport:
    return StatusReport(
        profile="",
        service="",
        environment_id=None,
        email=None,
        signed_in=False,
        challenge_pending=False,
        acknowledgement_pending=None,
        saved=None,
        rotation_in_doubt=False,
        rotation_unseen=False,
        running_low=None,
        count=None,
        expires_at=None,
    )


@pytest.mark.usefixtures("saved")
def test_status_is_not_signed_in_with_a_pending_challenge() -> None:
    result = run_command("status")
    assert result.code == 4
    assert "not yet as you@embedded.localhost: a second factor is required" in result.out


@pytest.mark.parametrize(
    "command", [["status"], ["codes"], ["rotate", "--yes"], ["acknowledge"], ["logout"], ["doctor"]]
)
def test_unknown_profile_name_gets_a_suggestion(command: list[str]) -> None:
    result = run_command(*command, "--profile", "embeded")
    assert result.code == 2
    assert "There is no profile embeded. Did you mean embedded?" in result.out + result.err


def test_status_says_if_codes_run_low(saved: list[str]) -> None:
    use_up(saved[:6])
    run_command("use", stdin=saved[6])
    assert json.loads(run_command("status", "--json").out)["runningLow"] is True
    assert "3 left, confirmed: rotate soon" in run_command("status").out


@pytest.mark.usefixtures("codes")
def test_status_says_saved_and_then_confirmed(tmp_path: Path) -> None:
    for state, done in (("not confirmed", ["codes", "--save", str(tmp_path / "kept")]), ("saved", ["acknowledge"])):
        assert f"codes:     10 left, {state}: " in run_command("status").out
        assert json.loads(run_command("status", "--json").out)["saved"] is (state == "saved")
        assert run_command(*done).code == 0
    assert "codes:     10 left, confirmed\n" in run_command("status").out


def test_status_with_no_code_left_advises_to_rotate_now(saved: list[str]) -> None:
    use_up(saved)
    assert "0 left, confirmed: rotate now with mfa-tui rotate" in run_command("status").out
