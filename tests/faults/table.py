"""The error messages of every call on every network fault.

python -m tests.faults.table    prints it as Markdown
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

from mfa_tui import connection
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import ApiError
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.server.service import Service
from mfa_tui.timing import DEFAULT_TIMING, Timing
from tests.faults.faulty_server import Fault, FaultyServer, Kind, in_its_place

FAULTS: dict[str, Fault | None] = {
    "no connection": None,
    "closed unread": Fault(Kind.CUT_REQUEST),
    "lost after": Fault(Kind.CUT_REPLY),
    "half a reply": Fault(Kind.HALF_REPLY),
    "silence": Fault(Kind.SILENT),
    "500": in_its_place(500, b'{"error": "oops"}'),
    "302": in_its_place(302, b"", location="http://127.0.0.1:9/"),
    "HTML": in_its_place(200, b"<html>Welcome to this network</html>"),
    "401": in_its_place(401, b'{"error": "no"}'),
    "429": in_its_place(429, b"slow down"),
    "429, 90 s": in_its_place(429, b'{"error": "slow"}', retry_after="90"),
}
"""By name; None stands for a port without a server."""

IMPATIENT = Timing(request_timeout=0.1)
"""How long the client waits for a silent server."""


@dataclass(frozen=True)
class Visitor:
    """A user with a session, and a client whose calls meet the fault."""

    client: DynamicClient
    token: Secret
    code: Secret
    mail: tuple[str, Secret]
    """A verification, and the code from its e-mail."""


CALLS: dict[str, Callable[[Visitor], Awaitable[object]]] = {
    "settings": lambda v: v.client.get_settings(),
    "send the mail": lambda v: v.client.create_email_verification("new@example.org"),
    "send it again": lambda v: v.client.retry_email_verification(_verification(v)),
    "sign in": lambda v: v.client.sign_in_with_email(*v.mail),
    "who am I": lambda v: v.client.get_user(v.token),
    "refresh": lambda v: v.client.refresh(v.token),
    "read the codes": lambda v: v.client.get_mfa_recovery_codes(v.token),
    "rotate": lambda v: v.client.create_new_mfa_recovery_codes(v.token),
    "use a code": lambda v: v.client.authenticate_mfa_recovery_code(v.token, v.code),
    "use TOTP": lambda v: v.client.authenticate_totp_mfa_device(v.token, Secret("123456")),
    "acknowledge": lambda v: v.client.acknowledge_recovery_codes(v.token),
    "methods": lambda v: v.client.get_mfa_methods(v.token),
    "devices": lambda v: v.client.get_mfa_devices(v.token),
    "add an app": lambda v: v.client.register_totp_mfa_device(v.token),
    "make it the default": lambda v: v.client.set_default_mfa_device(v.token, "d"),
    "remove it": lambda v: v.client.delete_mfa_device(v.token, "d"),
    "sign out": lambda v: v.client.revoke(v.token),
}


@dataclass(frozen=True)
class Meeting:
    """The outcome of one call on one fault."""

    call: str
    fault: str
    error: ApiError | None
    reached: int
    """How often the request reached the service."""


class Scene:
    """A service with a faulty server in front."""

    def __init__(self, service: Service, server: FaultyServer) -> None:
        self._service = service
        self._server = server
        self._numbers = count()

    async def meet(self, fault: str) -> list[Meeting]:
        """Run every call of a new user on the fault."""
        what = FAULTS[fault]
        address = self._server.url if what else "http://127.0.0.1:9/api/v0"
        environment_id = self._service.environment_id
        timing = IMPATIENT if fault == "silence" else DEFAULT_TIMING
        async with (
            DynamicClient(httpx.AsyncHTTPTransport(), address, environment_id, timing) as faulty,
            DynamicClient(httpx.ASGITransport(self._service.app), connection.BUILT_IN_URL, environment_id) as straight,
        ):
            visitor = await self._visitor(faulty, straight)
            return [await self._meet(visitor, call, fault) for call in CALLS]

    async def _meet(self, visitor: Visitor, call: str, fault: str) -> Meeting:
        self._server.reached.clear()
        self._server.script.extend([what] if (what := FAULTS[fault]) else [])
        error = None
        try:
            await CALLS[call](visitor)
        except ApiError as caught:
            error = caught
        await self._server.idle()
        return Meeting(call, fault, error, len(self._server.reached))

    async def _visitor(self, faulty: DynamicClient, straight: DynamicClient) -> Visitor:
        first = await self._mail(straight)
        answer = await straight.sign_in_with_email(*first)
        assert isinstance(answer.minified_jwt, Secret)
        codes = await straight.get_mfa_recovery_codes(answer.minified_jwt)
        return Visitor(faulty, answer.minified_jwt, codes.recovery_codes[0], await self._mail(straight))

    async def _mail(self, straight: DynamicClient) -> tuple[str, Secret]:
        verification = await straight.create_email_verification(f"user{next(self._numbers)}@example.org")
        code = await connection.OutboxMailbox(self._service.outbox).code_from(verification.verification_uuid)
        return verification.verification_uuid, code


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Open a service in a folder, with a faulty server in front."""
    with closing(Service.open(folder)) as service:
        async with FaultyServer(service.app) as server:
            yield Scene(service, server)


async def all_meetings(folder: Path) -> list[Meeting]:
    """Run every call on every fault."""
    async with scene(folder) as stage:
        return [meeting for fault in FAULTS for meeting in await stage.meet(fault)]


def markdown(meetings: list[Meeting]) -> str:
    """Return the messages as a table: calls and faults with the same message share a row."""
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for meeting in meetings:
        message = (type(meeting.error).__name__, str(meeting.error))
        rows.setdefault(message, {}).setdefault(meeting.call, []).append(meeting.fault)
    lines = ["| fault | call | outcome | message |", "|---|---|---|---|"]
    for (outcome, sentences), by_call in rows.items():
        by_faults: dict[str, list[str]] = {}
        for call, names in by_call.items():
            by_faults.setdefault("; ".join(names), []).append(call)
        for met, calls in by_faults.items():
            named = "every call" if len(calls) == len(CALLS) else ", ".join(calls)
            lines.append(f"| {met} | {named} | {outcome} | {sentences} |")
    return "\n".join(lines)


def _verification(visitor: Visitor) -> models.EmailVerification:
    return models.EmailVerification(verification_uuid=visitor.mail[0], email="x@example.org")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        meetings = asyncio.run(all_meetings(Path(name) / "mfa"))
    print(markdown(meetings))  # noqa: T201 - prints its result


if __name__ == "__main__":
    main()
