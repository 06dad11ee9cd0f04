"""A rotation in a process that can be killed, and the state that the program reports."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import httpx

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.client import transport
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile
from mfa_tui.terminal import signals
from mfa_tui.timing import DEFAULT_TIMING, Timing
from tests.faults.faulty_server import Fault, Kind
from tests.support.timing import set_timing

FORK = multiprocessing.get_context("fork")

SETTLING = (0.0, 0.02, 0.08)
"""Seconds between reads, short since the service here is fast."""


@dataclass(frozen=True)
class Statement:
    """The state that the program reports: the rotation status, and the codes that it shows as valid."""

    status: RotationStatus | None
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """The program on one profile.

    `cut` breaks the connection to the built-in service, which runs in the program's process.
    """

    places: AppPaths
    profile: Profile
    cut: Fault | None = None

    def look(self) -> Statement:
        """Start the program, read the codes, and return the reported state."""
        return self._report(Account.read_codes)

    def rotate(self, kill: signal.Signals | None, after: float, arm: Callable[[], None]) -> Statement | None:
        """Start the program and rotate; return the reported state, or None if it was killed first.

        `after` is the number of seconds between the rotation's start and the kill.
        """
        ours, process = self._start(_read_then_rotate)
        assert ours.recv() == "ready"
        arm()
        ours.send("go")
        if kill is not None:
            time.sleep(after)
            assert process.pid is not None
            with suppress(ProcessLookupError):
                os.kill(process.pid, kill)
        return _statement(ours, process)

    def _report(self, job: Callable[[Account], Awaitable[object]]) -> Statement:
        statement = _statement(*self._start(lambda account, _conn: job(account)))
        assert statement is not None, "the program ended without a word"
        return statement

    def _start(self, job: Callable[[Account, Connection], Awaitable[object]]) -> tuple[Connection, BaseProcess]:
        ours, theirs = FORK.Pipe()
        process = FORK.Process(target=self._run, args=(theirs, ours, job))
        process.start()
        theirs.close()
        return ours, process

    def _run(
        self, conn: Connection, other_end: Connection, job: Callable[[Account, Connection], Awaitable[object]]
    ) -> None:
        other_end.close()
        signals.exit_on_signal()
        if self.cut is not None:
            cut = self.cut
            transport.in_process = lambda app: CutLine(httpx.ASGITransport(app=app), cut)
        asyncio.run(self._live(conn, job))

    async def _live(self, conn: Connection, job: Callable[[Account, Connection], Awaitable[object]]) -> None:
        async with connection.open_account(self.places, self.profile, Timing(reconcile_delays=SETTLING)) as account:
            account._mailbox = account._mailbox or connection.OutboxMailbox(self.places.data / "outbox")
            await account.resume_session()
            if account.state.session is None:
                await account.sign_in_automatically()
            await job(account, conn)
            codes = account.state.codes.recovery_codes if account.state.codes else ()
            conn.send(Statement(account.state.rotation_status, tuple(code.reveal() for code in codes)))


class CutLine(httpx.AsyncBaseTransport):
    """A transport to a service in this process that cuts the rotation as a faulty server would."""

    def __init__(self, service: httpx.AsyncBaseTransport, fault: Fault) -> None:
        self._service = service
        self._fault = fault
        self._acting: list[asyncio.Task[httpx.Response]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path.split("/", 5)[5]) != ("POST", "users/mfa/recovery"):
            return await self._service.handle_async_request(request)
        if self._fault.kind is Kind.HUNG_UP:
            self._acting.append(asyncio.create_task(self._service.handle_async_request(request)))
            await asyncio.sleep(self._fault.at / 1000)
        elif self._fault.kind is not Kind.CUT_REQUEST:
            await self._service.handle_async_request(request)
        raise httpx.ReadError("", request=request)


async def _read_then_rotate(account: Account, conn: Connection) -> None:
    set_timing(account, request_max_age=0)  # the service has handled each earlier request
    await account.read_codes()
    assert account.state.codes is not None
    await account.mark_shown(account.state.codes)
    set_timing(account, request_max_age=DEFAULT_TIMING.request_max_age)
    conn.send("ready")
    conn.recv()
    await account.create_new_mfa_recovery_codes()


def _statement(ours: Connection, process: BaseProcess) -> Statement | None:
    statement = None
    with suppress(EOFError, ConnectionError):
        statement = ours.recv()
    process.join()
    ours.close()
    return statement
