"""What one command says about what another one, or another device, did; and the exit codes of half-done operations."""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from mfa_tui.client import transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.connection import BUILT_IN_URL
from mfa_tui.redaction import Secret
from tests.cli.commands.conftest import read_codes
from tests.support.command import CommandResult, lost_rotation, run_command, run_with_faults
from tests.support.transport import (
    ACKNOWLEDGE,
    READ,
    REVOKE,
    ROTATE,
    WHO,
    WITHHELD,
    Fault,
    FaultyTransport,
    Pass,
    after,
    lost_after,
    lost_before,
    not_reached,
    refuses,
    straight,
)


async def killed(_request: httpx.Request, carry: Pass) -> httpx.Response:
    """End the program after the service has acted, before the response arrives."""
    await carry()
    raise SystemExit(137)


def status() -> dict[str, object]:
    found: dict[str, object] = json.loads(run_command("status", "--json").out)
    return found


@pytest.mark.usefixtures("codes")
def test_unseen_set_of_a_killed_rotation_is_named_and_not_confirmed() -> None:
    assert run_with_faults({ROTATE: killed}, "rotate", "--yes").code == 137
    for _ in range(2):
        assert status()["rotationUnseen"] is True
        assert "not shown here yet: see mfa-tui codes" in run_command("status").out
        assert run_command("acknowledge").code == 1
    assert run_command("codes").codes == read_codes()
    assert status()["rotationUnseen"] is False
    assert run_command("acknowledge").code == 0


@pytest.mark.usefixtures("codes")
def test_codes_are_printed_before_anything_else_is_requested() -> None:
    seen: list[str] = []
    faults: dict[str, Fault] = {}

    async def look(_request: httpx.Request, carry: Pass) -> httpx.Response:
        seen.append(sys.stdout.buffer.getvalue().decode())  # type: ignore[union-attr]  # in memory
        return await carry()

    faults[ROTATE] = after(lambda: faults.update({READ: look, WHO: look}), straight)
    result = run_with_faults(faults, "rotate", "--yes")
    assert result.code == 0
    assert seen == [result.out, result.out]


def test_set_of_unknown_origin_is_not_called_new(codes: list[str], tmp_path: Path) -> None:
    """The set was not listed before the request, the request is lost, and then the set is listed."""
    file = tmp_path / "kept.txt"
    faults: dict[str, Fault] = {READ: WITHHELD}
    faults[ROTATE] = after(lambda: faults.pop(READ), lost_before)
    run_command("status")
    (home_record,) = Path.home().rglob("sets/*.json")
    home_record.unlink()
    result = run_with_faults(faults, "rotate", "--yes", "--save", str(file))
    assert result.code == 7
    assert "not known whether the codes were replaced" in result.err
    assert "old codes no longer work" not in result.err
    assert read_codes() == codes
    assert run_command("check", str(file)).code == 0


@pytest.mark.usefixtures("codes")
def test_rotation_that_cannot_be_printed_ends_with_8() -> None:
    run_command("rotate", "--yes")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "mfa_tui", "rotate", "--yes"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 8
    assert "The codes were replaced nevertheless" in done.stderr
    assert status()["rotationUnseen"] is True


@pytest.mark.usefixtures("codes")
def test_rotation_that_is_not_read_back_is_not_called_done() -> None:
    result = run_with_faults(lost_rotation_readback(), "rotate", "--yes")
    assert (result.code, len(result.codes)) == (7, 10)
    assert "could not be read back" in result.err
    assert "no longer work" not in result.err
    assert result.codes == read_codes()


def lost_rotation_readback() -> dict[str, Fault]:
    faults: dict[str, Fault] = {}
    faults[ROTATE] = after(lambda: faults.update({READ: lost_before}), straight)
    return faults


class Others:
    """Another program, which acts in the session of a request that it intercepts."""

    def __init__(self) -> None:
        self.network = FaultyTransport()

    def run(self, *arguments: str) -> CommandResult:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transport, "in_process", self.network.to)
            return run_command(*arguments)

    def acting_after(
        self, first: str, line: str, action: Callable[[DynamicClient, Secret], Awaitable[object]]
    ) -> Fault:
        """Return the fault of a first request that lets it act before the next request of another kind."""

        def arm() -> None:
            del self.network.faults[first]
            self.network.faults[line] = self.acting_once(line, action)

        return after(arm, straight)

    def acting_once(self, line: str, action: Callable[[DynamicClient, Secret], Awaitable[object]]) -> Fault:
        """Return the fault that lets it act before the service gets the next request of this kind."""

        async def fault(request: httpx.Request, carry: Pass) -> httpx.Response:
            del self.network.faults[line]
            environment_id = request.url.path.split("/")[4]
            client = DynamicClient(self.network, BUILT_IN_URL, environment_id)
            await action(client, Secret(request.headers["authorization"].removeprefix("Bearer ")))
            return await carry()

        return fault


async def rotate_too(client: DynamicClient, token: Secret) -> None:
    await client.create_new_mfa_recovery_codes(token)


async def confirm_too(client: DynamicClient, token: Secret) -> None:
    await client.acknowledge_recovery_codes(token)


@pytest.mark.usefixtures("codes")
def test_set_replaced_right_after_its_rotation_ends_with_8() -> None:
    others = Others()
    others.network.faults[ROTATE] = others.acting_after(ROTATE, READ, rotate_too)
    result = others.run("rotate", "--yes")
    assert result.code == 8
    assert "Another program or device replaced the codes right after this rotation" in result.err
    assert not set(result.codes) & set(read_codes())


@pytest.mark.usefixtures("codes")
def test_status_reads_again_if_the_set_was_confirmed_between_its_two_readings() -> None:
    others = Others()
    others.network.faults[READ] = others.acting_after(READ, WHO, confirm_too)
    result = others.run("status", "--json")
    assert json.loads(result.out)["acknowledgementPending"] is False
    assert others.network.count(READ) == 2


def test_stale_files_are_named_after_a_rotation(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second  one.txt"
    assert run_command("rotate", "--yes", "--save", str(first)).code == 0
    result = run_command("rotate", "--yes", "--save", str(second))
    assert f"Codes that no longer work are in {first}." in result.err
    assert rf"Saved to '{tmp_path}/second \x20one.txt'" in result.err


EXIT_CODES: list[tuple[dict[str, Fault], list[str], int]] = [
    ({REVOKE: refuses(500, {})}, ["logout", "--yes"], 7),
    ({REVOKE: lost_after}, ["logout", "--yes"], 7),
    ({REVOKE: not_reached}, ["logout", "--yes"], 6),
    ({REVOKE: refuses(429, {"error": "slow"})}, ["logout", "--yes"], 5),
    ({READ: refuses(401, {"error": "no"})}, ["status"], 3),
    ({READ: lost_after}, ["codes"], 6),
    ({WHO: refuses(502, {})}, ["codes"], 6),
    ({READ: lost_before}, ["rotate", "--yes"], 6),
    ({ACKNOWLEDGE: lost_before}, ["acknowledge"], 7),
    ({ACKNOWLEDGE: lost_after}, ["acknowledge"], 0),
    ({ACKNOWLEDGE: not_reached}, ["acknowledge"], 6),
    ({ROTATE: lost_before}, ["rotate", "--yes"], 7),
    ({ROTATE: not_reached}, ["rotate", "--yes"], 6),
]


@pytest.mark.parametrize(("faults", "command", "expected"), EXIT_CODES)
@pytest.mark.usefixtures("codes")
def test_exit_code_says_what_was_sent(faults: dict[str, Fault], command: list[str], expected: int) -> None:
    result: CommandResult = run_with_faults(faults, *command)
    assert result.code == expected, result.err


@pytest.mark.usefixtures("codes")
def test_rotate_waits_two_minutes_after_a_lost_request() -> None:
    assert run_with_faults(lost_rotation(), "rotate", "--yes").code == 7
    assert run_with_faults({READ: lost_before}, "rotate", "--yes").code == 7
