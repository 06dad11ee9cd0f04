"""The listener on this machine for the page of a hand-off."""

import socket

import pytest
from starlette.responses import PlainTextResponse

from mfa_tui.server.handoff import listener


async def test_port_that_another_program_has_at_the_other_address_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []
    create = socket.create_server

    def taken_once(address: tuple[str, int], family: int = socket.AF_INET) -> socket.socket:
        if address[0] == "::1" and not ports:
            ports.append(address[1])
            with create(("::1", address[1]), family=socket.AF_INET6):
                return create(address, family=family)  # which another program has bound
        return create(address, family=family)

    monkeypatch.setattr(socket, "create_server", taken_once)
    async with listener.listen(PlainTextResponse("page")) as origin:
        assert ports
        assert not origin.endswith(f":{ports[0]}")
