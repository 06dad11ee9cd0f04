"""A minimal client of the service, independent of `mfa_tui.client`."""

import contextlib
import re
import secrets
import time
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any, Self

import httpx

from mfa_tui.server.mail import sign_in_code_name
from mfa_tui.server.service import Service


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Caller:
    """Calls one service, with or without a session's token."""

    http: httpx.AsyncClient
    service: Service
    token: str = ""

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        sent.setdefault("x-dyn-request-id", secrets.token_hex(25))
        url = f"/api/v0/sdk/{self.service.environment_id}{path}"
        if isinstance(body, bytes):
            return await self.http.request(method, url, content=body, headers=sent)
        return await self.http.request(method, url, json=body, headers=sent)

    def mailed_code(self, verification_id: str) -> str:
        mail = (self.service.outbox / sign_in_code_name(verification_id)).read_text()
        found = re.search(r"^(\d{6})$", mail, re.MULTILINE)
        assert found
        return found[1]

    async def ask_for_code(self, email: str = "ada@example.org") -> str:
        response = await self.call("POST", "/emailVerifications/create", {"email": email})
        assert response.status_code == 201
        return str(response.json()["verificationUUID"])

    async def sign_in(self, email: str = "ada@example.org", **fields: object) -> Self:
        """Return a caller of a new session."""
        verification_id = await self.ask_for_code(email)
        body = {"verificationUUID": verification_id, "verificationToken": self.mailed_code(verification_id), **fields}
        response = await self.call("POST", "/emailVerifications/signin", body)
        assert response.status_code == 200
        return type(self)(self.http, self.service, response.json()["minifiedJwt"])

    async def codes(self) -> list[str]:
        response = await self.call("GET", "/users/mfa/recovery")
        assert response.status_code == 200
        assert response.json()["count"] == len(response.json()["recoveryCodes"])
        return list(response.json()["recoveryCodes"])

    async def rotate(self) -> list[str]:
        response = await self.call("POST", "/users/mfa/recovery")
        assert response.status_code == 200
        return list(response.json()["recoveryCodes"])

    async def acknowledge(self) -> None:
        response = await self.call("PUT", "/users", {"mfaBackupCodeAcknowledgement": "complete"})
        assert response.status_code == 200

    async def use(self, code: str, **fields: object) -> httpx.Response:
        return await self.call("POST", "/users/mfa/auth/recovery", {"code": code, **fields})

    async def use_totp(self, code: str, **fields: object) -> httpx.Response:
        return await self.call("POST", "/users/mfa/auth/totp", {"code": code, **fields})


def mails(service: Service) -> list[Any]:
    """Return the mails in the outbox, except those that the service removes meanwhile."""
    wait_for_mails(service)
    found = []
    for path in sorted(service.outbox.glob("*.eml")):
        with contextlib.suppress(FileNotFoundError):
            found.append(message_from_bytes(path.read_bytes()))
    return found


def wait_for_mails(service: Service) -> None:
    """Wait until every stored mail is delivered."""
    deadline = time.monotonic() + 10
    while service._store.read(lambda db: db.exists("SELECT 1 FROM outbox WHERE sealed IS NOT NULL")):
        assert time.monotonic() < deadline, "a mail is not delivered"
        time.sleep(0.005)
