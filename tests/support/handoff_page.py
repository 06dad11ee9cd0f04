"""The page of a hand-off without a browser: it sends what the page's script would, signed by a key in software."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support import security_key
from tests.support.security_key import SecurityKey

ORIGIN = "http://localhost:8000"


@dataclass
class Page:
    """The page of a link in a browser."""

    http: httpx.AsyncClient
    url: str
    key: SecurityKey = field(default_factory=SecurityKey)
    origin: str = ORIGIN
    opened: dict[str, Any] = field(default_factory=dict)
    handoff_id: str = ""

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        sent = {"origin": self.origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.http.post(f"/handoff/{path}", json=body, headers=sent)

    async def open(self) -> httpx.Response:
        response = await self.post("open", {"link": self.url.partition("#")[2]})
        if response.status_code == 200:
            self.opened = response.json()
        return response

    def sign(self) -> dict[str, Any]:
        if self.opened["ceremony"] == "register":
            return {"created": security_key.create(self.key, self.opened["creationOptions"], self.origin)}
        return {"used": security_key.use(self.key, self.opened["requestOptions"], self.origin)}

    async def answer(self, **signed: object) -> httpx.Response:
        return await self.post("answer", {"key": self.opened["key"], **signed})

    async def state(self, known: str) -> str:
        return str((await self.post("state", {"key": self.opened["key"], "state": known})).json()["state"])
