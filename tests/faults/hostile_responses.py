"""Every command and the screens against a service whose responses are changed at random, and so are the files of state.

Whatever a service sends, a command ends with a documented exit code, other than that of an internal error, and the
screens go on; no output contains a character that a terminal would obey or a reader could not see. By hand, for ten
minutes: `.venv/bin/python -m tests.faults.hostile_responses 600`.
"""

import asyncio
import gzip
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from textual.worker import WorkerFailed

from mfa_tui import connection, sanitize
from mfa_tui.client import transport
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.storage import set_record
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import ProfileOverrides
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui.app import MfaTui
from tests.support.app import AppPilot
from tests.support.command import run_command
from tests.support.timing import FAST

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    10,
    2**31,
    10**18,
    10**40,
    -(10**18),
    1.5,
    1e308,
    "",
    " ",
    "x" * 20_000,
    [],
    {},
    [[]],
    [None] * 2000,
    "\x1b]52;c;AAAA\x07",
    "\x1b[2J\x1b[H",
    "a\nb",
    "\r",
    "\x00",
    "\u202e",
    "\u200b",
    "\u3164",
    "\u2800",
    "\ud800",
    "\uffff",
    "complete",
    "pending",
    "requiresAdditionalAuth",
    "[bold]",
    "[/x]",
    "%s",
    "{0}",
    "../..",
    "é" * 300,
    "🔑" * 50,
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59Z",
    "otpauth://totp/x?secret=" + "A" * 4000,
    "ABCDEFGHIJ",
    ["ABCDEFGHIJ"] * 10,
)
"""JSON values to put in place of others."""

HEADERS = (
    ("date", "Mon, 01 Jan 9999 23:59:59 GMT"),
    ("date", "Mon, 01 Jan 99999 00:00:00 +9999"),
    ("retry-after", "9" * 400),
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 -2359"),
    ("content-encoding", "gzip"),
    ("content-encoding", "br, gzip"),
    ("content-type", "text/html; charset=\u00fc"),
    ("set-cookie", "x=" + "y" * 5000),
    ("location", "http://[::1"),
    ("location", "//\u00fc\u0000"),
    ("x-mfa-tui-idempotency", "no"),
)
STATUSES = (
    200,
    201,
    204,
    206,
    299,
    301,
    302,
    304,
    307,
    400,
    401,
    403,
    404,
    408,
    409,
    418,
    422,
    429,
    499,
    500,
    502,
    503,
    599,
)
CODES = (
    "mfa_invalid_code",
    "mfa_rate_limited",
    "mfa_device_not_found",
    "requires_additional_auth",
    "recovery_codes_changed",
    "storage_full",
    "storage_damaged",
    "storage_missing",
    "wrong_email_verification_token",
    "x" * 500,
    17,
    None,
)

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("status", "--json"),
    ("codes",),
    ("codes", "--json"),
    ("rotate", "--yes"),
    ("rotate", "--yes", "--json"),
    ("rotate", "--yes", "--save", "FILE"),
    ("acknowledge",),
    ("check", "-"),
    ("use",),
    ("login",),
    ("logout",),
    ("doctor",),
    ("doctor", "--json"),
    ("--plain",),
)

KEYS = (
    "n",
    "s",
    "p",
    "c",
    "C",
    "h",
    "a",
    "f2",
    "m",
    "q",
    "y",
    "enter",
    "escape",
    "tab",
    "question_mark",
    "1",
    "2",
    "A",
    "b",
    "up",
    "down",
    "space",
    "x",
    "r",
    "f5",
    "l",
    "o",
    "shift+tab",
    "backspace",
)


class HostileTransport(httpx.AsyncBaseTransport):
    """A transport to an ASGI app that changes some of its responses.

    Args:
        random: Decides on the changes.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._service: httpx.AsyncBaseTransport | None = None
        self.share = random.choice((0.1, 0.3, 1.0))
        """How many of the responses are changed."""

    def to(self, app: transport.AsgiApp) -> "HostileTransport":
        """Send the requests to this app."""
        self._service = httpx.ASGITransport(app=app)
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Handle a request."""
        assert self._service is not None
        response = await self._service.handle_async_request(request)
        if self._random.random() > self.share:
            return response
        return self._changed(response.status_code, dict(response.headers), await response.aread())

    def _changed(self, status: int, headers: dict[str, str], body: bytes) -> httpx.Response:
        random = self._random
        for _ in range(random.randint(1, 3)):
            match random.randrange(6):
                case 0:
                    status = random.choice(STATUSES)
                case 1:
                    name, value = random.choice(HEADERS)
                    headers[name] = value
                case 2:
                    error = {"error": random.choice(VALUES), "code": random.choice(CODES)}
                    status, body = random.choice((400, 403, 409, 422, 429, 503)), json.dumps(error).encode()
                case 3:
                    body = random.choice(
                        (b"", b"null", b"<html>", b"[" * 5000, gzip.compress(b" " * 10**7), body[:-9], body * 2)
                    )
                case _:
                    body = with_other_values(random, body)
        headers.pop("content-length", None)
        return httpx.Response(status, content=body, headers=[(k.encode(), v.encode()) for k, v in headers.items()])


def with_other_values(random: Random, raw: bytes) -> bytes:
    """Return JSON with other values in some places, or the same if it is not JSON."""
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    places = list(_places(tree))
    for _ in range(random.randint(1, 3)):
        if places:
            holder, key = random.choice(places)
            holder[key] = random.choice(VALUES)
    return json.dumps(tree).encode()


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON, of any type
    keys = tree.keys() if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in list(keys):
        yield tree, key
        yield from _places(tree[key])


@contextmanager
def hostile_home(random: Random, folder: Path) -> Iterator[None]:
    """A home folder whose built-in service is reached through a hostile transport."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
            patch.delenv(name, raising=False)
        patch.setattr(set_record, "COST", 1)
        patch.setattr(transport, "in_process", lambda app: HostileTransport(random).to(app))
        patch.setattr(connection, "open_account", partial(connection.open_account, timing=FAST))
        yield


def run_commands(seed: int, folder: Path, count: int) -> Counter[str]:
    """Run some commands in one home folder, check the end of each, and count the exit codes."""
    random = Random(seed)
    ends: Counter[str] = Counter()
    with hostile_home(random, folder):
        for number in range(count):
            command = [word if word != "FILE" else str(folder / f"codes-{number}") for word in random.choice(COMMANDS)]
            files = sorted((folder / ".local/state").rglob("*.json"))
            if files and random.random() < 0.2:
                changed = random.choice(files)
                changed.write_bytes(with_other_values(random, changed.read_bytes()))
            stdin = random.choice(("", "ABCDEFGHIJ\n", "\n", "123456\n", "x" * 3000, "y\nABCDE\n\n"))
            result = run_command(*command, stdin=stdin)
            where = f"seed {seed}, run {number}: {command}, {stdin[:20]!r}: {result}"
            assert result.code in set(ExitCode) - {ExitCode.FAULT}, where
            for text in (result.out, result.err):
                assert "Traceback" not in text, where
                assert sanitize.clean(text, len(text)) == text, where
            ends[ExitCode(result.code).name] += 1
    return ends


async def press_keys(seed: int, folder: Path, count: int) -> None:
    """Press random keys on the screens, and check that they go on."""
    random = Random(seed)
    with hostile_home(random, folder):
        paths = AppPaths.of_current_user()
        profile = connection.load_profile(paths, ProfileOverrides())
        async with connection.open_account(paths, profile) as account:
            app = MfaTui(
                lambda _: nullcontext(account),
                challenge_alone=random.random() < 0.3,
                clipboard_kind=BackendKind.NONE,
                hide_after=0,
                timing=FAST,
            )
            try:
                async with app.run_test(size=random.choice(((80, 24), (40, 12)))) as pilot:
                    for _ in range(count):
                        if not app.is_running:
                            break
                        await pilot.press(random.choice(KEYS))
                        await asyncio.sleep(random.choice((0, 0, 0.02)))
                        text = AppPilot(pilot, app).text
                        assert sanitize.clean(text, len(text)) == text, f"seed {seed}"
            except WorkerFailed as failure:
                if not isinstance(failure.error, MfaTuiError):  # that is shown after the screens
                    raise
            assert app.return_code in {None, 0, *(set(ExitCode) - {ExitCode.FAULT})}, f"seed {seed}"


def main() -> None:
    """Go on for as many seconds as the first argument says, from the seed that the second one names."""
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    end = time.monotonic() + seconds
    ends: Counter[str] = Counter()
    screens = 0
    failures: list[str] = []
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            try:
                ends += run_commands(seed, home / "commands", 12)
                asyncio.run(press_keys(seed, home / "screens", 25))
                screens += 1
            except BaseException as error:  # each finding is reported, and the campaign goes on
                if isinstance(error, KeyboardInterrupt):
                    raise
                failures.append(f"seed {seed}: {type(error).__name__}: {str(error)[:1500]}")
                print(failures[-1], flush=True)  # noqa: T201
        seed += 1
    print(f"{ends.total()} commands {dict(ends)}, {screens} screens, {len(failures)} findings")  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("TERM", "xterm-256color")
    main()
