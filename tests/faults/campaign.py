"""Random faults, signals and second actors on every request of every command; statements are compared with the truth.

python -m tests.faults.campaign [--rotations N] [--seed S]    N attempts to rotate, and a table in Markdown

A user holds a code that was printed or saved, on any device. Any other set is lost if nothing names it.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from mfa_tui import connection
from mfa_tui.client import transport
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import ApiError
from mfa_tui.redaction import Secret
from mfa_tui.server.service import Service
from mfa_tui.storage import set_record
from mfa_tui.storage.boot_time import BootTime
from mfa_tui.storage.paths import AppPaths
from tests.faults.campaign_network import CampaignNetwork, Database, Run
from tests.support.command import CommandResult, run_command
from tests.support.timing import FAST
from tests.support.transport import ACKNOWLEDGE, READ, ROTATE, USE, WHO

GROUPED = re.compile(r"^ *\d+  ([A-Z2-9]{5}) ([A-Z2-9]{5})$", re.MULTILINE)
NOT_BY_THIS = {1, 3, 4, 5}
"""Exit codes that say that this command changed nothing."""


class Campaign:
    """A user with a device, a second actor at the same account, and the commands that both run.

    Args:
        folder: An empty folder.
        rng: Draws.
    """

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._folder = folder
        self._rng = rng
        self._environment = {
            "HOME": str(folder / "home"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.violations: list[str] = []
        self.figures: Counter[str] = Counter()
        self._shown: set[str] = set()
        """The codes that were shown on the user's device, rather than on the other one."""
        self._hours = 0.0
        self._story: list[str] = []
        """The commands so far, with the fate of their requests."""
        self._may_be_open = False
        data = folder / "data" / "mfa-tui"
        self._elsewhere, self._environment_id = asyncio.run(_sign_in(AppPaths(folder / "c", data, folder / "other")))
        self._database = Database(data)
        self.held = set(self._database.truth().codes)  # which the other device has shown
        self.network = CampaignNetwork(self._database, rng, self._act_elsewhere)
        self._earlier: list[str] = []

    def close(self) -> None:
        self._database.close()

    def rotate(self, *, second_actor: bool) -> None:
        """Rotate once over a faulty network, run other commands after it, and see that nothing is lost."""
        self.figures["rotations"] += 1
        self.figures["with a second actor"] += second_actor
        self.network.idempotent = self._rng.random() < 0.5
        actor_rate = 0.25 if second_actor else 0.0
        self._rotate(0.4, actor_rate)
        for _ in range(self._rng.randrange(1, 5)):
            command = self._rng.choice(
                [self._status, self._codes, self._acknowledge, self._use, self._rotate, self._check]
            )
            command(0.35, actor_rate)
        asyncio.run(self._deliver_late())
        self._hours += 1
        self._may_be_open = False
        self._status(0.0, 0.0)
        self._require_known_loss()
        self._codes(0.0, 0.0)

    def _rotate(self, faults: float, actor: float) -> None:
        path = self._folder / f"{self.figures['commands']}.txt"
        how = self._rng.choice([[], ["--json"], ["--save", str(path)]])
        run, result = self._run(faults, actor, "rotate", "--yes", *how)
        text = path.read_text() if path.exists() else ""
        seen = tuple("".join(groups) for groups in GROUPED.findall(text)) or tuple(result.codes)
        self.held |= set(seen)
        live = run.seen.get(READ, run.before)
        ours = bool(run.made)  # also if a gateway delivered it late
        self._shown |= set(seen)
        self._may_be_open |= any(event.startswith(ROTATE) for event in run.events)
        if result.code == 0:
            others_act = actor > 0
            self._require(ours or others_act, "the codes were replaced")
            self._require(bool(live.codes) and set(live.codes) <= set(seen), "these are the ones that work")
            self._require(len(live.codes) == len(seen) or others_act, "all of these work")
        elif result.code == 8:
            self._require(ours or actor > 0, "rotated, but not kept")
        elif result.code == 7:
            self._require(bool(run.sent) or self._may_be_open, "something that changes was sent")
        elif result.code == 6:
            self._require(ROTATE not in run.sent or not ours, "nothing was sent")
        elif result.code in NOT_BY_THIS:
            self._require(not ours, "this command rotated nothing")
        if result.code == 0 and "The old codes no longer work" in result.err:
            self._require(not set(run.before.codes) & set(live.codes), "the old codes do not work")
        if "Nothing was replaced so far" in result.err:
            self._require(set(live.codes) <= set(run.before.codes) or bool(actor), "nothing was replaced so far")
        if "Saved to" in result.err:
            self._require(bool(text), "the file exists")

    def _status(self, faults: float, actor: float) -> None:
        run, result = self._run(faults, actor, "status", "--json")
        if result.code not in {0, 7} or READ not in run.seen:
            self._require(result.code != 0 or run.last_refusal != 401, "signed in after a 401")
            return
        status = json.loads(result.out)
        live = run.seen[READ]
        self._status_said = status
        if status["count"] is not None:
            self._require(status["count"] == len(live.codes), f"{status['count']} are left")
        if status["acknowledgementPending"] is not None and not status["rotationInDoubt"]:
            confirmed = not status["acknowledgementPending"]
            self._require(confirmed in {live.confirmed, run.seen.get(WHO, live).confirmed}, f"confirmed is {confirmed}")
            if confirmed and not actor:
                self._require(set(live.codes) <= self.held, "the confirmed set is held")
        if status["rotationUnseen"]:
            self._require(not set(live.codes) <= self._shown, "the new codes were not shown here")

    def _codes(self, faults: float, actor: float) -> None:
        run, result = self._run(faults, actor, "codes")
        if result.code == 0:
            self._require(result.codes == list(run.seen[READ].codes), "these are the live ones")
        self.held |= set(result.codes)
        self._shown |= set(result.codes)

    def _check(self, faults: float, actor: float) -> None:
        files = sorted(self._folder.glob("*.txt"))
        if not files:
            return
        path = self._rng.choice(files)
        run, result = self._run(faults, actor, "check", str(path))
        held = {"".join(groups) for groups in GROUPED.findall(path.read_text())}
        if result.code == 0:
            self._require(set(run.seen[READ].codes) <= held, "the file is complete")
        elif result.code == 1 and "work, and are in this copy" in result.out:
            self._require(not set(run.seen[READ].codes) <= held or not held, "the file is not complete")

    def _acknowledge(self, faults: float, actor: float) -> None:
        run, result = self._run(faults, actor, "acknowledge")
        ours = ACKNOWLEDGE in run.acted
        if result.code == 0:
            at = run.seen.get(ACKNOWLEDGE) or run.seen.get(WHO) or run.before
            self._require(at.confirmed, "confirmed")
            self._require(set(at.codes) <= self.held, "a confirmed set is held")
        elif result.code == 7:
            self._require(bool(run.sent) or self._may_be_open, "something that changes was sent")
        elif result.code == 6 or result.code in NOT_BY_THIS:
            self._require(not ours, "this command confirmed nothing")

    def _use(self, faults: float, actor: float) -> None:
        self._run(0.0, 0.0, "logout", "--yes")
        truth = self._database.truth()
        mine = [code for code in truth.codes if code in self.held]
        if not truth.confirmed or len(mine) < 3:
            return
        code = self._rng.choice(mine)
        run, result = self._run(faults, actor, "use", stdin=code)
        ours = USE in run.acted
        if result.code == 0 and (found := re.search(r"passed: (\d+) of", result.out)):
            self._require(ours, "the challenge is passed")
            self._require(int(found[1]) == len(run.seen[READ].codes), f"{found[1]} are left")
        elif result.code == 7:
            self._require(bool(run.sent), "something that changes was sent")
        elif result.code == 6 or result.code in NOT_BY_THIS:
            self._require(not ours, "no code was used")

    def _run(self, faults: float, actor: float, *arguments: str, stdin: str = "") -> tuple[Run, CommandResult]:
        """Run a command over the network; a signal is an exit code."""
        self.figures["commands"] += 1
        run = self.network.begin(faults, actor)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transport, "in_process", self.network.to)
            patch.setattr(connection, "open_account", partial(connection.open_account, timing=FAST))
            patch.setattr(BootTime, "now", classmethod(lambda cls: cls(boot_id="one", seconds=self._hours * 3600)))
            result = run_command(*arguments, stdin=stdin, **self._environment)
        self._result = result
        self._story.append(f"{' '.join(arguments)} -> {result.code}; {', '.join(run.events)}")
        self._require(result.code not in {2, 70} and "Traceback" not in result.err, "no internal error")
        return run, result

    def _require(self, is_true: bool, statement: str) -> None:
        self.figures["statements"] += 1
        if not is_true:
            story = "\n".join(self._story[-8:])
            self.violations.append(f"FALSE: {statement}\n{story}\n{self._result.out}{self._result.err}")

    def _require_known_loss(self) -> None:
        """Require that the last status names a set that the user does not hold."""
        live = set(self._database.truth().codes)
        if not live <= self.held:
            said = self._status_said
            self.figures["sets made and not seen yet"] += 1
            known = said["rotationUnseen"] or said["rotationInDoubt"]
            self.figures["sets that nobody holds and nothing names"] += not known
            self._require(known, "no set is unseen")

    async def _act_elsewhere(self, service: httpx.AsyncBaseTransport) -> None:
        """Rotate, use, confirm or read as another device of the same user would."""
        client = DynamicClient(service, connection.BUILT_IN_URL, self._environment_id)
        token = self._elsewhere
        try:
            codes = await client.get_mfa_recovery_codes(token)
            match self._rng.choice(["rotate", "rotate", "use", "confirm", "read"]):
                case "rotate":
                    codes = await client.create_new_mfa_recovery_codes(token, replaces=codes.recovery_codes)
                case "use" if codes.count > 2:
                    await client.authenticate_mfa_recovery_code(token, codes.recovery_codes[-1])
                case "confirm":
                    await client.acknowledge_recovery_codes(token, shown=codes.recovery_codes)
        except ApiError:
            return
        self.held |= {code.reveal() for code in codes.recovery_codes}

    async def _deliver_late(self) -> None:
        if self.network.late:
            service = Service.open(self._folder / "data" / "mfa-tui")
            self.network.to(service.app)
            await self.network.deliver_late()
            service.close()


async def _sign_in(places: AppPaths) -> tuple[Secret, str]:
    """Return the token of another device, and the environment."""
    async with connection.open_account(places) as account:
        await account.sign_in_automatically()
        await account.read_codes()
        return account.session.token, account.session.environment_id


@contextmanager
def campaign(seed: int) -> Iterator[Campaign]:
    """Open a campaign in a temporary folder."""
    set_record.COST = 1
    with tempfile.TemporaryDirectory() as name:
        opened = Campaign(Path(name), random.Random(seed))
        try:
            yield opened
        finally:
            opened.close()


def run(opened: Campaign, rotations: int) -> None:
    """Rotate this many times, every other time with a second actor."""
    for number in range(rotations):
        opened.rotate(second_actor=bool(number % 2))


def markdown(opened: Campaign, seed: int) -> str:
    """Return the figures as a table, and the false statements."""
    figures = opened.figures + opened.network.counts + Counter({"false statements": len(opened.violations)})
    figures.setdefault("false statements", 0)
    figures.setdefault("sets that nobody holds and nothing names", 0)
    rows = [f"| {name} | {number} |" for name, number in figures.items()]
    return "\n".join([f"seed {seed}", "| | |", "|---|---|", *rows, "", *opened.violations])


def main() -> None:
    """Run the campaign, and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rotations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    with campaign(asked.seed) as opened:
        run(opened, asked.rotations)
        print(markdown(opened, asked.seed))  # noqa: T201 - prints its result


if __name__ == "__main__":
    main()
